package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.ConfigReader;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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

    /** Its server went away and came back, say. */
    @Test
    void lostConnectionsAreReplacedByThemselves() throws SQLException {
        int version = store.configs().latest(app).version();
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'");
        }
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        boolean back = false;
        while (!back) {
            try {
                store.configs().put(app, version, Map.of("KEY", "value"), "dev");
                back = true;
            } catch (MayflyException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
        assertThat(store.answers()).isTrue();
    }

    @Override
    StoreConfig config(Path folder) {
        return StoreConfig.from(
                ConfigReader.of(
                        Map.of("store.url", postgres.getJdbcUrl("postgres", "postgres"), "store.user", "postgres")),
                folder);
    }
}
