package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.config.ConfigReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after the server was killed, at whatever moment and however long it had run. */
class KilledIT {
    private static final int KILLS = 8;
    private static final int LINES_MIN = 200;

    /** Writes rows and says the number of each that was acknowledged, until it is killed. */
    static final class Writer {
        public static void main(String[] arguments) throws SQLException, InterruptedException {
            Random random = new Random();
            try (Connection connection = open(Path.of(arguments[0]));
                    Statement statement = connection.createStatement()) {
                // As if it had run for minutes: H2 keeps what is dead for this time only.
                statement.execute("set retention_time 100");
                statement.execute("create table if not exists kept (number bigint primary key, text varchar(4000))");
                connection.setAutoCommit(false);
                PreparedStatement insert = connection.prepareStatement("insert into kept values (?, ?)");
                PreparedStatement delete = connection.prepareStatement("delete from kept where number < ?");
                for (long number = newest(connection) + 1; ; number++) {
                    insert.setLong(1, number);
                    insert.setString(2, "x".repeat(random.nextInt(3_000)));
                    insert.execute();
                    delete.setLong(1, number - 40);
                    delete.execute();
                    connection.commit();
                    System.out.println(number);
                    Thread.sleep(random.nextInt(3));
                }
            }
        }
    }

    @Test
    void nothingAcknowledgedIsLost(@TempDir Path data) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 1; i <= KILLS; i++) {
            long acknowledged = writeAndKill(data, LINES_MIN + random.nextInt(300));
            try (Connection connection = open(data)) {
                assertThat(newest(connection))
                        .as("the newest row after kill %d (seed %d)", i, seed)
                        .isGreaterThanOrEqualTo(acknowledged);
            }
        }
    }

    private static long writeAndKill(Path data, int lines) throws IOException, InterruptedException {
        Process writer = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writer.class.getName(),
                        data.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = writer.inputReader()) {
            String last = "0";
            for (int i = 0; i < lines; i++) {
                String line = said.readLine();
                assertThat(line).as("line %d of the writer", i).isNotNull();
                last = line;
            }
            writer.toHandle().destroyForcibly(); // Unlike the process' own method, this leaves open what it has said.
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                last = line.matches("\\d+") && line.length() >= last.length() ? line : last;
            }
            assertThat(writer.waitFor(60, TimeUnit.SECONDS))
                    .as("the writer has ended")
                    .isTrue();
            return Long.parseLong(last);
        } finally {
            writer.destroyForcibly();
        }
    }

    private static Connection open(Path data) throws SQLException {
        StoreConfig config = StoreConfig.from(ConfigReader.of(Map.of()), data);
        return DriverManager.getConnection(config.jdbcUrl(), config.user(), "");
    }

    private static long newest(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select coalesce(max(number), 0) from kept")) {
            row.next();
            return row.getLong(1);
        }
    }
}
