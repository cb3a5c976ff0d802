package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.mayfly.runtime.config.ConfigReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.Map;
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
}
