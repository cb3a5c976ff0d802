package dev.mayfly.control.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.control.deploy.Platform;
import dev.mayfly.model.AppRef;
import dev.mayfly.runtime.health.Health;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class AppLogsTest {
    private static final AppRef APP = AppRef.of("local", "shop");

    @TempDir
    Path folder;

    private AppLogs logs;

    @BeforeEach
    void open() {
        logs = new AppLogs(folder, new Health());
    }

    @AfterEach
    void close() {
        logs.close();
    }

    @Test
    void tellsTheLastLinesOldestFirst() throws Exception {
        for (int i = 0; i < 50; i++) {
            append("line " + i);
        }
        Platform.await("all are written", () -> tail(100).size() == 50);
        assertThat(tail(2)).containsExactly("line 48", "line 49");
        assertThat(logs.tail(AppRef.of("other", "shop"), 5)).isEmpty();
    }

    @Test
    void linesThatWaitTakeABoundedShareOfTheHeap() throws Exception {
        String long16k = "x".repeat(16 * 1024);
        for (int i = 0; i < 20_000; i++) {
            append(long16k); // 312 MiB if all of them were kept.
            assertThat(logs.waitingChars()).isLessThanOrEqualTo(32L * 1024 * 1024);
        }
        Platform.await("what waits is written", () -> logs.waitingChars() == 0);
        append("last");
        Platform.await("lines are kept again", () -> tail(1).equals(List.of("last")));
    }

    @Test
    void aChattyAppKeepsTwoFilesOfBoundedSize() throws Exception {
        String wide = "x".repeat(16_000);
        for (int i = 0; i < 1_200; i++) {
            append(wide);
        }
        append("last");
        Platform.await("all are written", () -> tail(1).equals(List.of("last")));
        assertThat(tail(1_500)).as("of long lines fewer are told").hasSizeBetween(60, 66);
        try (var files = Files.list(folder.resolve("local/shop"))) {
            assertThat(files.toList())
                    .allSatisfy(file -> assertThat(file.toFile().length()).isLessThanOrEqualTo(5L * 1024 * 1024));
        }
        assertThat(folder.resolve("local/shop/app.log.1")).exists();
    }

    @Test
    void aLineThatACrashCutInTheMiddleOfACharacterHidesNothing() throws Exception {
        append("before");
        Platform.await("it is written", () -> tail(9).size() == 1);
        Path file = folder.resolve("local/shop/app.log");
        Files.write(file, new byte[] {'c', 'u', 't', (byte) 0xe2, (byte) 0x82, '\n'}, StandardOpenOption.APPEND);
        append("after");
        Platform.await("it is written", () -> tail(9).size() == 3);
        assertThat(tail(9)).first().isEqualTo("before");
        assertThat(tail(9)).last().isEqualTo("after");
    }

    @Test
    void deletingTakesAlongWhatStillWaitsToBeWritten() throws Exception {
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < 200; i++) {
                append("secret of the old app");
            }
            logs.delete(APP);
            assertThat(folder.resolve("local/shop")).doesNotExist();
        }
        append("new app");
        Platform.await("it is written", () -> !tail(9).isEmpty());
        assertThat(tail(9)).containsExactly("new app");
    }

    private void append(String line) {
        logs.append(APP, new LogLine(Instant.EPOCH, "app", "ins_1", "stdout", line));
    }

    private List<String> tail(int lines) {
        try {
            return logs.tail(APP, lines).stream().map(LogLine::line).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
