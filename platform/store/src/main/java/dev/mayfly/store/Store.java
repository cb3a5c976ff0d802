package dev.mayfly.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.Secret;
import java.time.Clock;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;

/** The open database and its repositories. All of them block: call them from virtual threads. */
public final class Store implements AutoCloseable {
    private final HikariDataSource dataSource;
    private final DSLContext sql;
    private final Tenants tenants;
    private final AccountRows accounts;
    private final Apps apps;
    private final Configs configs;
    private final Builds builds;
    private final Releases releases;
    private final DeployLeases deployLeases;

    private Store(HikariDataSource dataSource, DSLContext sql, ConfigCipher cipher, Clock clock) {
        this.dataSource = dataSource;
        this.sql = sql;
        this.tenants = new Tenants(sql, clock);
        this.accounts = new AccountRows(sql);
        this.apps = new Apps(sql, clock);
        this.configs = new Configs(sql, cipher, clock);
        this.builds = new Builds(sql);
        this.releases = new Releases(sql, clock);
        this.deployLeases = new DeployLeases(sql, clock);
    }

    /**
     * Opens the database and brings its schema up to date.
     *
     * @throws MayflyException {@code CONFIG_INVALID} if it cannot be reached or belongs to a newer Mayfly
     */
    public static Store open(StoreConfig config, Clock clock) {
        System.setProperty("org.jooq.no-logo", "true");
        System.setProperty("org.jooq.no-tips", "true");
        HikariConfig hikari = new HikariConfig();
        hikari.setJdbcUrl(config.jdbcUrl());
        hikari.setUsername(config.user());
        hikari.setPassword(config.password().map(Secret::reveal).orElse(""));
        hikari.setMaximumPoolSize(config.poolSize());
        hikari.setMinimumIdle(1);
        hikari.setPoolName("mayfly-store");
        hikari.setConnectionTimeout(10_000);
        HikariDataSource dataSource;
        try {
            dataSource = new HikariDataSource(hikari);
        } catch (com.zaxxer.hikari.pool.HikariPool.PoolInitializationException e) {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    "store.url: cannot connect (expected: a reachable database): " + cause(e),
                    e);
        }
        try {
            Flyway.configure()
                    .dataSource(dataSource)
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
        } catch (FlywayException e) {
            dataSource.close();
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID, "store: cannot migrate the schema: " + e.getMessage(), e);
        }
        DSLContext sql = DSL.using(new DefaultConfiguration()
                .set(dataSource)
                .set(config.postgres() ? SQLDialect.POSTGRES : SQLDialect.H2));
        return new Store(dataSource, sql, ConfigCipher.inFolder(config.data().resolve("secrets")), clock);
    }

    private static String cause(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage());
    }

    public Tenants tenants() {
        return tenants;
    }

    public AccountRows accounts() {
        return accounts;
    }

    public Apps apps() {
        return apps;
    }

    public Configs configs() {
        return configs;
    }

    public Builds builds() {
        return builds;
    }

    public Releases releases() {
        return releases;
    }

    public DeployLeases deployLeases() {
        return deployLeases;
    }

    /** Asks the database something, for so long at most. @throws RuntimeException if it does not answer */
    public void ask(Duration limit) {
        sql.selectOne().queryTimeout((int) Math.max(1, limit.toSeconds())).fetch();
    }

    @Override
    public void close() {
        dataSource.close();
    }
}
