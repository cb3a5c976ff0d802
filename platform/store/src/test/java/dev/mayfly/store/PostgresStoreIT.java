package dev.mayfly.store;

import dev.mayfly.runtime.config.ConfigReader;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresStoreIT extends StoreContract {
    private static EmbeddedPostgres postgres;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder().start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    @Override
    StoreConfig config(Path folder) {
        return StoreConfig.from(
                ConfigReader.of(
                        Map.of("store.url", postgres.getJdbcUrl("postgres", "postgres"), "store.user", "postgres")),
                folder);
    }
}
