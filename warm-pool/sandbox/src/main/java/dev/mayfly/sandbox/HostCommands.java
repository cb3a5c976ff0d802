package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs the machine's own tools: argument lists, never a shell; limits on time and output; their words in the error. */
public final class HostCommands {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int STACK_BYTES = 256 * 1024;
    private static final int MESSAGE_CHARS_MAX = 2_000;
    private static final int OUTPUT_BYTES_MAX = 4 << 20;

    /** What a tool left. */
    public record Result(int exit, String output) {}

    private HostCommands() {}

    /** Runs to the end and returns what it printed. @throws MayflyException {@code INTERNAL} if it did not exit with 0 */
    public static String run(String... argv) throws InterruptedException {
        return run("", List.of(argv));
    }

    public static String run(String input, List<String> argv) throws InterruptedException {
        return output(argv, attempt(input, argv));
    }

    /** As {@link #run(String...)}, in this folder. */
    public static String runIn(Path folder, String... argv) throws InterruptedException {
        List<String> command = List.of(argv);
        return output(command, attempt(new ProcessBuilder(command).directory(folder.toFile()), "", LIMIT));
    }

    private static String output(List<String> argv, Result result) {
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
        return attempt(new ProcessBuilder(argv), input, limit);
    }

    private static Result attempt(ProcessBuilder tool, String input, Duration limit) throws InterruptedException {
        List<String> argv = tool.command();
        long deadline = System.nanoTime() + limit.toNanos();
        Process process;
        try {
            process = tool.redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new MayflyException(
                    ErrorCode.UNSUPPORTED, "cannot run " + argv.getFirst() + ": " + e.getMessage(), e);
        }
        try {
            // On threads of their own, which are left behind: a child that outlives the tool may hold both ends for
            // ever.
            hand(process, input);
            byte[] output = await(output(process), deadline);
            if (output.length > OUTPUT_BYTES_MAX) {
                throw new MayflyException(
                        ErrorCode.INTERNAL, argv + " printed more than " + OUTPUT_BYTES_MAX + " bytes");
            }
            if (!process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException();
            }
            return new Result(process.exitValue(), new String(output, StandardCharsets.UTF_8));
        } catch (TimeoutException e) {
            throw new MayflyException(
                    ErrorCode.INTERNAL,
                    argv + " still ran after " + limit.toMillis() + " ms, or a process that it has started",
                    e);
        } catch (ExecutionException e) {
            throw new MayflyException(ErrorCode.INTERNAL, argv + ": its output cannot be read", e.getCause());
        } finally {
            end(process);
        }
    }

    /** Also in a thread that is interrupted: a tool that is killed in the middle of its cleaning up would leave the rest. */
    private static byte[] await(CompletableFuture<byte[]> output, long deadline)
            throws ExecutionException, TimeoutException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return output.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void hand(Process process, String input) {
        if (input.isEmpty()) {
            close(process.getOutputStream());
            return;
        }
        thread(() -> {
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) { // It does not read: its exit code says more.
            }
        });
    }

    private static CompletableFuture<byte[]> output(Process process) {
        CompletableFuture<byte[]> output = new CompletableFuture<>();
        thread(() -> {
            try (var stdout = process.getInputStream()) {
                output.complete(stdout.readNBytes(OUTPUT_BYTES_MAX + 1));
            } catch (IOException | RuntimeException | Error e) {
                output.completeExceptionally(e);
            }
        });
        return output;
    }

    /** Not a virtual one: to read from a pipe holds its carrier. */
    private static void thread(Runnable work) {
        Thread.ofPlatform().daemon().name("tool").stackSize(STACK_BYTES).start(work);
    }

    private static void close(OutputStream stdin) {
        try {
            stdin.close();
        } catch (IOException e) { // It has ended already.
        }
    }

    /** By its handle: {@link Process#destroyForcibly} would close what is being read. */
    private static void end(Process process) {
        if (process.isAlive()) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.toHandle().destroyForcibly();
        }
    }

    private static String shorten(String text) {
        String stripped = text.strip();
        return stripped.length() > MESSAGE_CHARS_MAX ? stripped.substring(0, MESSAGE_CHARS_MAX) : stripped;
    }
}
