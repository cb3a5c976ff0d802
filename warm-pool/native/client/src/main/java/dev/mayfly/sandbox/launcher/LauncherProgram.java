package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The launcher's process. It runs in a mount namespace of its own, apart from this process', and ends by itself when its
 * connection does.
 */
final class LauncherProgram implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LauncherProgram.class);
    private static final Pattern READY = Pattern.compile("ready swept=(\\d{1,9}) adopted=(\\d{1,9})");
    private static final long START_SECONDS_MAX = 20;
    private static final long END_SECONDS_MAX = 10;
    private static final long ABANDON_SECONDS_MAX = 1;

    private final Process process;
    private final int swept;
    private final int adopted;

    private LauncherProgram(Process process, int swept, int adopted) {
        this.process = process;
        this.swept = swept;
        this.adopted = adopted;
    }

    /** The program's file, as {@code ./mayfly} names it; empty if it was not built. */
    static Optional<Path> file() {
        return Optional.ofNullable(System.getProperty("mayfly.launcher"))
                .map(Path::of)
                .filter(Files::isExecutable);
    }

    /** What its zygotes load, beside it; not there if it could not be built. */
    private static List<String> zygotes(Path file) {
        Path library = file.resolveSibling("mayfly-zygote.so");
        return Files.isReadable(library)
                ? List.of("--zygotes", library.toAbsolutePath().toString())
                : List.of();
    }

    /**
     * Starts it and returns when it listens.
     *
     * @param ready shells it keeps waiting
     * @param keep how long its sandboxes wait for a successor of it, if it is killed or this process is; 0: not at all
     */
    static LauncherProgram start(Path file, Path folder, Path socket, String cgroup, int ready, Duration keep) {
        Process process = null;
        try {
            List<String> command = new ArrayList<>(List.of(
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
                    String.valueOf(ready),
                    "--keep",
                    String.valueOf(keep.toSeconds())));
            command.addAll(zygotes(file));
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().clear(); // What this server was told is nobody else's.
            process = builder.redirectInput(
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
            Matcher said = READY.matcher(line == null ? "" : line);
            if (!said.matches()) {
                listener.join(Duration.ofSeconds(1));
                synchronized (words) {
                    throw new MayflyException(ErrorCode.UNSUPPORTED, "the launcher did not start: " + words);
                }
            }
            return new LauncherProgram(process, Integer.parseInt(said.group(1)), Integer.parseInt(said.group(2)));
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

    /** How many running sandboxes it took over from a predecessor. */
    int adopted() {
        return adopted;
    }

    /** How many slots of a predecessor that were in use it destroyed. */
    int swept() {
        return swept;
    }

    long pid() {
        return process.pid();
    }

    /** How it ended; it must have, though whoever watches it by its number may know that a moment earlier. */
    int exit() throws InterruptedException {
        return process.waitFor();
    }

    /** Waits for its end, which its connection's end brings; it then has destroyed all of its sandboxes. */
    @Override
    public void close() {
        if (!ends(END_SECONDS_MAX)) {
            log.warn("The launcher did not end by itself");
            stop();
        }
    }

    /** Sees off one whose connection has ended and whose sandboxes wait for a successor: it must not clean up. */
    void abandon() {
        if (!ends(ABANDON_SECONDS_MAX)) {
            process.destroyForcibly();
        }
    }

    /** Ends one that nobody is connected to: asked, it cleans up. */
    void stop() {
        process.destroy();
        if (!ends(END_SECONDS_MAX)) {
            process.destroyForcibly();
        }
    }

    /** Waits also in a thread that is interrupted: killed in the middle of its cleaning up, it would leave the rest. */
    private boolean ends(long seconds) {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
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
