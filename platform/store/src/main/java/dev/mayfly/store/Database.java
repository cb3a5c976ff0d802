package dev.mayfly.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.mayfly.runtime.config.Secret;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jooq.ConnectionProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections to the database, which comes back by itself after it was away. H2 closes its file for good when it cannot
 * write to it, on a full disk say, and knows a closed database ever after: its pool is thrown away then, and the file opened
 * anew. Whoever asks while it is away is refused at once; one of those who ask tries to open it, more and more rarely.
 */
final class Database implements ConnectionProvider, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Database.class);
    private static final Duration CONNECT_MAX = Duration.ofSeconds(10);

    /** To open the file takes milliseconds or fails; the pool waits all the same. */
    private static final Duration CONNECT_H2_MAX = Duration.ofSeconds(3);

    private static final Duration IDLE_WAIT = Duration.ofSeconds(2);
    private static final Duration RETRY_MIN = Duration.ofMillis(50);
    private static final Duration RETRY_MAX = Duration.ofSeconds(2);
    private static final int VALID_SECONDS_MAX = 5;

    private enum Answer {
        WORKS,

        /** Nothing is known: all connections are in use, it is slow, or who asks was interrupted. */
        BUSY,
        AWAY
    }

    private final StoreConfig config;
    private final AtomicLong outages = new AtomicLong();

    /** Whoever opens, copies, closes or doubts holds it. Only {@link #close} waits for it, and who comes while the file is copied. */
    private final ReentrantLock opening = new ReentrantLock();

    private volatile @Nullable HikariDataSource pool;

    /** A connection of it was abandoned: it is thrown away even if H2 has opened its file anew for it. */
    private volatile @Nullable HikariDataSource doomed;

    /** Whose each connection is that somebody has. */
    private final Map<Connection, HikariDataSource> taken = new ConcurrentHashMap<>();

    private volatile boolean closed;
    private volatile long retryAt;
    private Duration retry = RETRY_MIN;

    /** Who has a connection, or is about to ask for one. */
    private final AtomicInteger inside = new AtomicInteger();

    /** The file is being copied: who comes waits. */
    private volatile boolean renewing;

    /** Of the file after it was last copied. */
    private long compactBytes;

    /** @throws RuntimeException of the pool if it cannot be reached now */
    Database(StoreConfig config) {
        this.config = config;
        config.file().ifPresent(DatabaseFile::compactIfGrown);
        this.compactBytes = config.file().map(DatabaseFile::bytes).orElse(0L);
        this.pool = open(config);
    }

    private static HikariDataSource open(StoreConfig config) {
        HikariConfig hikari = new HikariConfig();
        hikari.setJdbcUrl(config.jdbcUrl());
        hikari.setUsername(config.user());
        hikari.setPassword(config.password().map(Secret::reveal).orElse(""));
        hikari.setMaximumPoolSize(config.poolSize());
        hikari.setMinimumIdle(1);
        hikari.setPoolName("mayfly-store");
        hikari.setConnectionTimeout((config.postgres() ? CONNECT_MAX : CONNECT_H2_MAX).toMillis());
        return new HikariDataSource(hikari);
    }

    /** The pool of the moment, for who needs it right after opening. */
    HikariDataSource pool() throws SQLException {
        HikariDataSource now = pool;
        if (now == null) {
            throw new SQLException("the database is away", "08003");
        }
        return now;
    }

    @Override
    public Connection acquire() {
        enter();
        boolean acquired = false;
        try {
            if (doomed != null) {
                doubt();
            }
            HikariDataSource now = pool == null ? reopened() : pool;
            if (now == null) {
                throw new SQLException("the database is away", "08003");
            }
            Connection connection = now.getConnection();
            taken.put(connection, now);
            acquired = true;
            return connection;
        } catch (SQLException e) {
            if (isAway(e)) {
                doubt();
            }
            throw Outage.exception(e);
        } finally {
            if (!acquired) {
                inside.decrementAndGet();
            }
        }
    }

    /** Counted first, so that who copies the file sees everybody who does not wait for it. */
    private void enter() {
        inside.incrementAndGet();
        while (renewing) {
            inside.decrementAndGet();
            opening.lock(); // Held as long as it takes.
            try {
                inside.incrementAndGet();
            } finally {
                opening.unlock();
            }
        }
    }

    /**
     * Copies the file if it has grown to more than it should: {@link DatabaseFile#LARGE_BYTES} and eight times what lives in it.
     * Who wants a connection meanwhile waits; where somebody does not give theirs back within two seconds, another call does it.
     * Blocks.
     */
    void compactIfGrown() throws InterruptedException {
        compactBeyond(Math.max(DatabaseFile.LARGE_BYTES, 8 * compactBytes));
    }

    void compactBeyond(long bytes) throws InterruptedException {
        DatabaseFile file = config.file().orElse(null);
        if (file == null || file.bytes() <= bytes || !opening.tryLock()) {
            return;
        }
        try {
            renewing = true;
            HikariDataSource now = pool;
            if (now == null || closed || !isIdle()) {
                return;
            }
            pool = null;
            now.close();
            file.compact();
            compactBytes = file.bytes();
            pool = open(config);
        } catch (RuntimeException e) { // Of the pool; the next who asks opens it.
            log.atError().setCause(e).log("The database does not open after its file was copied; trying again");
            retryAt = System.nanoTime();
        } finally {
            renewing = false;
            opening.unlock();
        }
    }

    private boolean isIdle() throws InterruptedException {
        long deadline = System.nanoTime() + IDLE_WAIT.toNanos();
        while (inside.get() > 0) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(1);
        }
        return true;
    }

    @Override
    public void release(Connection connection) {
        taken.remove(connection);
        try {
            connection.close();
        } catch (SQLException e) {
            log.atDebug().setCause(e).log("Connection could not be given back");
        } finally {
            inside.decrementAndGet();
        }
    }

    /** A connection that cannot even be given back; its pool goes with it. */
    void abandon(Connection connection) {
        HikariDataSource its = taken.remove(connection);
        inside.decrementAndGet();
        if (its != null && its.equals(pool)) {
            doomed = its;
        }
        doubt();
    }

    /**
     * Whether it answers now; opens it if it does not and it is time to try again. Blocks for up to 15 s for a connection and
     * its answer, and once more as long as the pool of a database that is away takes to close.
     */
    boolean answers() {
        if (renewing) {
            return true; // It is only being copied.
        }
        HikariDataSource now = pool == null ? reopened() : pool;
        Answer answer = now == null ? Answer.AWAY : ask(now);
        if (answer == Answer.AWAY) {
            doubt();
        }
        return answer == Answer.WORKS;
    }

    /** Connections that somebody has at the moment. */
    int taken() {
        return taken.size();
    }

    /** How often something failed that may have been the database's end. */
    long outages() {
        return outages.get();
    }

    /** Something failed that may be the database's end. PostgreSQL's pool replaces broken connections by itself. */
    void doubt() {
        outages.incrementAndGet();
        if (config.postgres() || closed || !opening.tryLock()) {
            return;
        }
        try {
            HikariDataSource now = pool;
            boolean over = now != null && now.equals(doomed);
            doomed = null;
            if (now != null && (over || ask(now) == Answer.AWAY)) {
                log.atError().log("The database is away; trying to open it again until it is back");
                pool = null;
                retry = RETRY_MIN;
                retryAt = System.nanoTime();
                now.close();
            }
        } finally {
            opening.unlock();
        }
    }

    /** By reading a table: connections to an H2 whose file is closed say that they are valid. */
    private Answer ask(HikariDataSource pool) {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            if (config.postgres()) { // To H2 it is a property of the connection, and would be that of its next user.
                statement.setQueryTimeout(VALID_SECONDS_MAX);
            }
            statement.execute("select name from tenant limit 1");
            return Answer.WORKS;
        } catch (SQLException e) {
            return isAway(e) ? Answer.AWAY : Answer.BUSY;
        }
    }

    /** Not if all connections are merely in use: the pool gives no word of the database as its reason then. */
    private static boolean isAway(SQLException failure) {
        boolean busy =
                failure instanceof SQLTransientConnectionException && !(failure.getCause() instanceof SQLException);
        return !busy && Outage.is(failure);
    }

    private @Nullable HikariDataSource reopened() {
        if (closed || System.nanoTime() - retryAt < 0 || !opening.tryLock()) {
            return pool;
        }
        try {
            if (pool == null && !closed && System.nanoTime() - retryAt >= 0) {
                HikariDataSource fresh = open(config);
                pool = fresh;
                log.atInfo().log("The database is back");
            }
        } catch (RuntimeException e) { // Of the pool, which could not make its first connection.
            retry = retry.multipliedBy(2).compareTo(RETRY_MAX) < 0 ? retry.multipliedBy(2) : RETRY_MAX;
            retryAt = System.nanoTime() + retry.toNanos();
            log.atDebug().setCause(e).log("The database cannot be opened yet");
        } finally {
            opening.unlock();
        }
        return pool;
    }

    @Override
    public void close() {
        closed = true;
        opening.lock();
        try {
            HikariDataSource now = pool;
            pool = null;
            if (now != null) {
                now.close();
            }
        } finally {
            opening.unlock();
        }
    }
}
