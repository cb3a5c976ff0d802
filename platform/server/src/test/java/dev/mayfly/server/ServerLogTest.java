package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.disk.DiskConfig;
import dev.mayfly.runtime.disk.DiskSpace;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerLogTest {
    @TempDir
    Path data;

    @Test
    void aLogThatIsTooLongGoesOnFromItsBeginningForWhoHasItOpen() throws IOException {
        Path file = data.resolve("server.log");
        ServerLog log = new ServerLog(data, new DiskSpace(data, new DiskConfig(1)));
        log.bound(); // There is none yet.
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            byte[] chunk = new byte[1024 * 1024];
            for (long written = 0; written <= ServerLog.BYTES_MAX; written += chunk.length) {
                log.bound();
                assertThat(data.resolve("server.log.1")).doesNotExist();
                out.write(chunk);
            }
            log.bound();
            assertThat(file).hasSize(0);
            assertThat(data.resolve("server.log.1")).hasSize(ServerLog.BYTES_MAX + chunk.length);
            out.write("on".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        assertThat(file).hasContent("on");
    }

    @Test
    void isOnlyCutWhereACopyWouldTakeOfTheReserve() throws IOException {
        Path file = data.resolve("server.log");
        Files.writeString(data.resolve("server.log.1"), "older");
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "rw")) {
            log.setLength(ServerLog.BYTES_MAX + 1);
        }
        new ServerLog(data, new DiskSpace(data, new DiskConfig(1L << 40))).bound();
        assertThat(file).hasSize(0);
        assertThat(data.resolve("server.log.1")).hasContent("older");
    }
}
