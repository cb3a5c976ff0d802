package dev.mayfly.store;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.sql.SQLException;
import java.time.Clock;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jooq.impl.DefaultConfiguration;

/**
 * The open database and its repositories. All of them block: call them from virtual threads. While the database is away (its
 * disk is full, its server does not answer) they fail with {@code STORE_UNAVAILABLE}; it comes back by itself.
 */
public final class Store implements AutoCloseable {
    private final Database database;
    private final Tenants tenants;
    private final AccountRows accounts;
    private final Apps apps;
    private final Configs configs;
    private final Builds builds;
    private final Releases releases;
    private final DeployLeases deployLeases;

    private Store(Database database, DSLContext sql, ConfigCipher cipher, Clock clock) {
        this.database = database;
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
        Database database;
        try {
            database = new Database(config);
        } catch (com.zaxxer.hikari.pool.HikariPool.PoolInitializationException e) {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    "store.url: cannot connect (expected: a reachable database): " + cause(e),
                    e);
        }
        try {
            Flyway.configure()
                    .dataSource(database.pool())
                    .locations("classpath:db/migration")
                    .load()
                    .migrate();
        } catch (FlywayException | SQLException e) {
            database.close();
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID, "store: cannot migrate the schema: " + e.getMessage(), e);
        }
        DSLContext sql = DSL.using(new DefaultConfiguration()
                .set(database)
                .set(new Transactions(database))
                .set(new Outage(database::doubt))
                .set(config.postgres() ? SQLDialect.POSTGRES : SQLDialect.H2));
        return new Store(database, sql, ConfigCipher.inFolder(config.data().resolve("secrets")), clock);
    }

    private static String cause(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        return String.valueOf(deepest.getMessage());
    }

    /** Whether the database answers; if it is away, this tries to open it. Blocks; half a minute if it must be given up. */
    public boolean answers() {
        return database.answers();
    }

    /** Makes the database's file smaller if too much of it is dead; who asks for something meanwhile waits. Blocks. */
    public void compactIfGrown() throws InterruptedException {
        database.compactIfGrown();
    }

    /** Connections to the database that somebody has at the moment. */
    int connectionsTaken() {
        return database.taken();
    }

    /** A number that grows with each failure after which something may be missing in the books, or be in them unnoticed. */
    public long outages() {
        return database.outages();
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

    @Override
    public void close() {
        database.close();
    }
}
