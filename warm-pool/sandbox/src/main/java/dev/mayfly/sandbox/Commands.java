package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the machine's own tools: argument lists, never a shell; limits on time and output; their words in the error. */
public final class Commands {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MESSAGE_CHARS_MAX = 2_000;
    private static final int OUTPUT_BYTES_MAX = 4 << 20;

    /** What a tool left. */
    public record Result(int exit, String output) {}

    private Commands() {}

    /** Runs to the end and returns what it printed. @throws MayflyException {@code INTERNAL} if it did not exit with 0 */
    public static String run(String... argv) throws InterruptedException {
        return run("", List.of(argv));
    }

    public static String run(String input, List<String> argv) throws InterruptedException {
        Result result = attempt(input, argv);
        if (result.exit() != 0) {
            throw new MayflyException(
                    ErrorCode.INTERNAL, argv + " ended with " + result.exit() + ": " + shorten(result.output()));
        }
        return result.output();
    }

    /** Runs to the end, whatever its exit code. */
    public static Result attempt(String input, List<String> argv) throws InterruptedException {
        return attempt(input, argv, LIMIT);
    }

    /** @throws MayflyException {@code INTERNAL} if it takes longer or prints more than it may; it is ended then */
    static Result attempt(String input, List<String> argv, Duration limit) throws InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(argv).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new MayflyException(
                    ErrorCode.UNSUPPORTED, "cannot run " + argv.getFirst() + ": " + e.getMessage(), e);
        }
        // Ends the wait for its output too, which no other limit reaches. Not by Process.onExit: that needs a thread of
        // a pool
        // in which callers may be waiting for this.
        CompletableFuture<Boolean> late = new CompletableFuture<>();
        late.completeOnTimeout(true, limit.toMillis(), TimeUnit.MILLISECONDS).thenAccept(is -> end(process, is));
        try {
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) { // It does not read: its exit code says more.
            }
            byte[] output = process.getInputStream().readNBytes(OUTPUT_BYTES_MAX + 1);
            if (output.length > OUTPUT_BYTES_MAX) {
                throw new MayflyException(
                        ErrorCode.INTERNAL, argv + " printed more than " + OUTPUT_BYTES_MAX + " bytes");
            }
            int exit = process.waitFor();
            if (!late.complete(false)) {
                throw new MayflyException(ErrorCode.INTERNAL, argv + " still ran after " + limit.toMillis() + " ms");
            }
            return new Result(exit, new String(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            late.complete(false);
            process.destroyForcibly();
        }
    }

    /** By its handle: {@link Process#destroyForcibly} would close what is being read. */
    private static void end(Process process, boolean isLate) {
        if (isLate) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.toHandle().destroyForcibly();
        }
    }

    private static String shorten(String text) {
        String stripped = text.strip();
        return stripped.length() > MESSAGE_CHARS_MAX ? stripped.substring(0, MESSAGE_CHARS_MAX) : stripped;
    }
}
