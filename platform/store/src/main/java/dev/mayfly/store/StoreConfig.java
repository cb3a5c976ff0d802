package dev.mayfly.store;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.config.Secret;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the truth is kept.
 *
 * @param url {@code store.url}: JDBC URL of PostgreSQL, or empty for an H2 file in the data folder
 * @param user {@code store.user}: of PostgreSQL
 * @param password {@code store.password}: of that user
 * @param poolSize {@code store.pool-size}: connections, 2 to 200: bringing the schema up to date takes two
 * @param data the data folder
 */
public record StoreConfig(Optional<String> url, String user, Optional<Secret> password, int poolSize, Path data) {
    public StoreConfig {
        if (url.isPresent()
                && !url.get().startsWith("jdbc:postgresql:")
                && !url.get().startsWith("jdbc:h2:")) {
            throw ConfigException.of("store.url", "'" + url.get() + "'", "jdbc:postgresql:… or nothing");
        }
        if (poolSize < 2 || poolSize > 200) {
            throw ConfigException.of("store.pool-size", poolSize, "2 to 200");
        }
    }

    public static StoreConfig from(ConfigReader config, Path data) {
        return new StoreConfig(
                config.optional("store.url"),
                config.string("store.user", "mayfly"),
                config.secret("store.password"),
                config.integer("store.pool-size", 10),
                data);
    }

    /**
     * The URL to connect to. H2 writes every commit to disk before it acknowledges it, and never over what it wrote before: where
     * it does that, a kill loses the last commits now and then, also such as were acknowledged (seen of 2.5.252 in one of eight
     * kills). What is dead in its file is removed by {@link DatabaseFile}. Its files are asynchronous ones, because an interrupt
     * of a thread closes a plain file channel and with it the whole database.
     */
    String jdbcUrl() {
        return url.orElseGet(() -> "jdbc:h2:async:" + data.resolve("db/mayfly").toAbsolutePath()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0;REUSE_SPACE=FALSE"
                + ";DB_CLOSE_ON_EXIT=FALSE");
    }

    /** The file of the database in the data folder; empty if it lies elsewhere. */
    Optional<DatabaseFile> file() {
        return url.isPresent() ? Optional.empty() : Optional.of(new DatabaseFile(data.resolve("db/mayfly.mv.db")));
    }

    boolean postgres() {
        return jdbcUrl().startsWith("jdbc:postgresql:");
    }
}
