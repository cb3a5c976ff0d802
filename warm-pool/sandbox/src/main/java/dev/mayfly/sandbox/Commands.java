package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the machine's own tools: argument lists, never a shell; a limit on time; their words in the error. */
public final class Commands {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int MESSAGE_CHARS_MAX = 2_000;

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
        Process process;
        try {
            process = new ProcessBuilder(argv).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new MayflyException(
                    ErrorCode.UNSUPPORTED, "cannot run " + argv.getFirst() + ": " + e.getMessage(), e);
        }
        try {
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It ended without reading: its exit code says more.
                process.onExit().join();
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new MayflyException(ErrorCode.INTERNAL, argv + " still ran after " + LIMIT.toSeconds() + " s");
            }
            return new Result(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String shorten(String text) {
        String stripped = text.strip();
        return stripped.length() > MESSAGE_CHARS_MAX ? stripped.substring(0, MESSAGE_CHARS_MAX) : stripped;
    }
}
