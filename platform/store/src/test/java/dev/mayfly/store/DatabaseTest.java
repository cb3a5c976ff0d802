package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.mayfly.runtime.config.ConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that is busy or slow is not one that is away. */
class DatabaseTest {
    @TempDir
    Path data;

    private Database database;

    @BeforeEach
    void open() throws SQLException {
        StoreConfig config = StoreConfig.from(ConfigReader.of(Map.of()), data);
        Store.open(config, Clock.systemUTC()).close(); // Makes the tables.
        database = new Database(config);
        database.pool().setMaximumPoolSize(1);
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void aPoolWhoseConnectionsAreAllInUseIsNotThrownAway() throws SQLException {
        HikariDataSource pool = database.pool();
        pool.setConnectionTimeout(250);
        try (Connection busy = pool.getConnection();
                Statement statement = busy.createStatement()) {
            busy.setAutoCommit(false);
            statement.execute("insert into tenant (name, created_at) values ('kept', current_timestamp)");
            assertThat(database.answers()).isFalse();
            database.doubt();
            busy.commit();
        }
        assertThat(database.pool()).isSameAs(pool);
        assertThat(database.answers()).isTrue();
    }

    @Test
    void aThreadThatIsInterruptedDoesNotTakeTheDatabaseForAway() throws SQLException {
        HikariDataSource pool = database.pool();
        Connection busy = pool.getConnection();
        try {
            Thread.currentThread().interrupt();
            database.doubt();
        } finally {
            Thread.interrupted();
            busy.close();
        }
        assertThat(database.pool()).isSameAs(pool);
        assertThat(database.answers()).isTrue();
    }

    @Test
    void askingWhetherItAnswersLeavesNoLimitToOtherStatements() throws SQLException {
        assertThat(database.answers()).isTrue();
        try (Connection connection = database.pool().getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.getQueryTimeout()).isZero();
        }
    }

    @Test
    void aStatementThatWasCancelledIsNoOutage() {
        assertThat(Outage.is(new SQLException("canceling statement due to statement timeout", "57014")))
                .isFalse();
        assertThat(Outage.is(new SQLException("terminating connection due to administrator command", "57P01")))
                .isTrue();
    }

    @Test
    void theFileIsMadeSmallerWhileItIsUsedAndNobodyNotices() throws Exception {
        DatabaseFile file = new DatabaseFile(data.resolve("db/mayfly.mv.db"));
        database.pool().setMaximumPoolSize(4);
        AtomicInteger written = new AtomicInteger();
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService writers = Executors.newFixedThreadPool(3)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(writers.submit(() -> {
                    while (!over.get()) {
                        write("t" + written.incrementAndGet());
                    }
                    return null;
                }));
            }
            try {
                for (int i = 0; i < 5; i++) {
                    int begin = written.get();
                    await(() -> written.get() > begin + 50);
                    long before = file.bytes();
                    HikariDataSource pool = database.pool();
                    database.compactBeyond(0);
                    assertThat(database.pool()).as("opened anew").isNotSameAs(pool);
                    assertThat(file.bytes()).isLessThan(before);
                }
            } finally {
                over.set(true);
            }
            for (Future<?> each : all) {
                each.get(60, TimeUnit.SECONDS); // Nobody was refused.
            }
        }
        assertThat(count()).isEqualTo(written.get());
    }

    @Test
    void whoDoesNotGiveTheirConnectionBackKeepsTheFileAsItIs() throws Exception {
        HikariDataSource pool = database.pool();
        Connection kept = database.acquire();
        database.compactBeyond(0);
        database.release(kept);
        assertThat(database.pool()).isSameAs(pool);
        assertThat(database.answers()).isTrue();
    }

    @Test
    void aFileThatHasGrownIsMadeSmallerBeforeItIsOpened() throws Exception {
        DatabaseFile file = new DatabaseFile(data.resolve("db/mayfly.mv.db"));
        write("kept");
        database.close();
        long grown = file.bytes();
        Files.setPosixFilePermissions(file.path(), PosixFilePermissions.fromString("rw-------"));
        file.compact();
        assertThat(Files.getPosixFilePermissions(file.path())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(file.bytes()).isPositive().isLessThan(grown);
        try (var left = Files.list(data.resolve("db"))) {
            assertThat(left.toList()).containsExactly(file.path());
        }
        database = new Database(StoreConfig.from(ConfigReader.of(Map.of()), data));
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void whatAKillLeftOfACopyIsTakenAwayBeforeTheFileIsOpened() throws Exception {
        write("kept");
        database.close();
        Path half = Files.writeString(data.resolve("db/mayfly.mv.db.tempFile"), "half a copy");
        database = new Database(StoreConfig.from(ConfigReader.of(Map.of()), data));
        assertThat(half).doesNotExist();
        assertThat(count()).isEqualTo(1);
    }

    private void write(String name) throws SQLException {
        Connection connection = database.acquire();
        try (PreparedStatement insert =
                connection.prepareStatement("insert into tenant (name, created_at) values (?, current_timestamp)")) {
            insert.setString(1, name);
            insert.execute();
        } finally {
            database.release(connection);
        }
    }

    private int count() throws SQLException {
        Connection connection = database.acquire();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from tenant where name <> 'local'")) {
            row.next();
            return row.getInt(1);
        } finally {
            database.release(connection);
        }
    }

    private static void await(BooleanSupplier there) throws InterruptedException {
        for (long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); !there.getAsBoolean(); ) {
            assertThat(System.nanoTime() - deadline).as("time for 50 rows").isNegative();
            Thread.sleep(5);
        }
    }
}
