package dev.mayfly.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs commands as a person would in a terminal, with a limit on time. */
final class Shell {
    /** What a command left: its exit code and all it printed. */
    record Result(List<String> command, int exit, String out, String err) {
        Result expectExit(int expected) {
            if (exit != expected) {
                throw new AssertionError(complaint() + " (" + exit + ", expected: " + expected + ") " + command
                        + "\n--- out\n" + out + "\n--- err\n" + err);
            }
            return this;
        }

        /** What it said went wrong, in one line: summaries of tests show no more. */
        String complaint() {
            return err.lines()
                    .filter(line -> line.startsWith("mayfly: "))
                    .findFirst()
                    .or(() -> err.lines().filter(line -> !line.isBlank()).reduce((before, last) -> last))
                    .orElse("no complaint");
        }

        String line() {
            return out.strip();
        }
    }

    private final Path directory;
    private final Map<String, String> environment;

    Shell(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = Map.copyOf(environment);
    }

    Shell in(Path other) {
        return new Shell(other, environment);
    }

    Shell with(String name, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(name, value);
        return new Shell(directory, more);
    }

    Path directory() {
        return directory;
    }

    Result run(String... command) {
        return run(Duration.ofMinutes(5), List.of(command));
    }

    Result run(Duration timeout, List<String> command) {
        try {
            Path out = Files.createTempFile("out", ".txt");
            Path err = Files.createTempFile("err", ".txt");
            try {
                Process process = builder(command)
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
                if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                    kill(process);
                    throw new AssertionError(command + " still ran after " + timeout + "\n" + text(out) + text(err));
                }
                return new Result(command, process.exitValue(), text(out), text(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** Starts a command and leaves it running; both outputs go to the file. */
    Process start(Path output, String... command) {
        try {
            return builder(new ArrayList<>(List.of(command)))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ProcessBuilder builder(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        builder.environment().putAll(environment);
        return builder;
    }

    static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
