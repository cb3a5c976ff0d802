package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The launcher's process. It runs in a mount namespace of its own, apart from this process', and ends by itself when its
 * connection does.
 */
final class Program implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Program.class);
    private static final String READY = "ready swept=";
    private static final long START_SECONDS_MAX = 20;
    private static final long END_SECONDS_MAX = 10;

    private final Process process;
    private final int swept;

    private Program(Process process, int swept) {
        this.process = process;
        this.swept = swept;
    }

    /** The program's file, as {@code ./mayfly} names it; empty if it was not built. */
    static Optional<Path> file() {
        return Optional.ofNullable(System.getProperty("mayfly.launcher"))
                .map(Path::of)
                .filter(Files::isExecutable);
    }

    /**
     * Starts it and returns when it listens.
     *
     * @param ready shells it keeps waiting
     */
    static Program start(Path file, Path folder, Path socket, String cgroup, int ready) {
        Process process = null;
        try {
            process = new ProcessBuilder(
                            "setsid",
                            "unshare",
                            "--mount",
                            "--propagation",
                            "private",
                            file.toString(),
                            "--folder",
                            folder.toString(),
                            "--socket",
                            socket.toString(),
                            "--cgroup",
                            cgroup,
                            "--ready",
                            String.valueOf(ready))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            Process started = process;
            StringBuilder words = new StringBuilder();
            Thread listener = Thread.ofPlatform()
                    .daemon()
                    .name("launcher-words")
                    .start(() -> listen(started.errorReader(), words));
            Thread guard = Thread.ofVirtual().name("launcher-start").start(() -> endUnlessInterrupted(started));
            String line = process.inputReader().readLine();
            guard.interrupt();
            if (line == null || !line.startsWith(READY)) {
                listener.join(Duration.ofSeconds(1));
                synchronized (words) {
                    throw new MayflyException(ErrorCode.UNSUPPORTED, "the launcher did not start: " + words);
                }
            }
            return new Program(process, Integer.parseInt(line.substring(READY.length())));
        } catch (IOException e) {
            throw new MayflyException(ErrorCode.UNSUPPORTED, "the launcher cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new MayflyException(ErrorCode.SHUTTING_DOWN, "this server is stopping", e);
        }
    }

    /** One that neither becomes ready nor ends must not hold the server's start for ever. */
    private static void endUnlessInterrupted(Process process) {
        try {
            Thread.sleep(Duration.ofSeconds(START_SECONDS_MAX));
            process.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // It is ready.
        }
    }

    private static void listen(BufferedReader errors, StringBuilder words) {
        try (errors) {
            for (String line = errors.readLine(); line != null; line = errors.readLine()) {
                log.warn(line);
                synchronized (words) {
                    if (words.length() < 2_000) {
                        words.append(line).append(' ');
                    }
                }
            }
        } catch (IOException e) {
            log.atDebug().setCause(e).log("The launcher's words have ended");
        }
    }

    /** How many slots of a predecessor it destroyed. */
    int swept() {
        return swept;
    }

    long pid() {
        return process.pid();
    }

    /** How it ended; it must have. */
    int exit() {
        return process.exitValue();
    }

    /** Waits for its end, which its connection's end brings; it then has destroyed all of its sandboxes. */
    @Override
    public void close() {
        if (!ends()) {
            log.warn("The launcher did not end by itself");
            stop();
        }
    }

    /** Ends one that nobody is connected to: asked, it cleans up. */
    void stop() {
        process.destroy();
        if (!ends()) {
            process.destroyForcibly();
        }
    }

    /** Waits also in a thread that is interrupted: killed in the middle of its cleaning up, it would leave the rest. */
    private boolean ends() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS_MAX);
        try {
            while (true) {
                try {
                    return process.waitFor(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
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
}
