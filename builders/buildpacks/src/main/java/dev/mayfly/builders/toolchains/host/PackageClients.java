package dev.mayfly.builders.toolchains.host;

import dev.mayfly.builders.image.TiedCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs package clients of this machine. None outlives this process. */
final class PackageClients {
    private static final int MINUTES_MAX = 10;
    private static final long OUTPUT_BYTES_MAX = 8L * 1024 * 1024;

    private PackageClients() {}

    /** Runs to the end and returns what it printed to standard output. */
    static String run(Path directory, List<String> command) throws IOException, InterruptedException {
        return run(directory, Map.of(), command);
    }

    /** The same, with these variables besides what {@link TiedCommand#builder} passes on. */
    static String run(Path directory, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path errors = Files.createTempFile("mayfly-toolchain", ".log");
        Path output = Files.createTempFile("mayfly-toolchain", ".out");
        Process process = null;
        try {
            process = start(directory, environment, command, errors, output);
            if (!process.waitFor(MINUTES_MAX, TimeUnit.MINUTES)) {
                throw new IOException(command.getFirst() + " took longer than " + MINUTES_MAX + " minutes");
            }
            if (process.exitValue() == TiedCommand.NOT_FOUND) {
                throw new IOException(command.getFirst() + " is not installed on this machine");
            }
            if (process.exitValue() != 0) {
                List<String> lines = Files.readAllLines(errors);
                throw new IOException(command.getFirst() + " ended with " + process.exitValue() + ": "
                        + String.join(" | ", lines.subList(Math.max(0, lines.size() - 5), lines.size())));
            }
            if (Files.size(output) > OUTPUT_BYTES_MAX) {
                throw new IOException(command.getFirst() + " printed more than " + OUTPUT_BYTES_MAX + " bytes");
            }
            return Files.readString(output, StandardCharsets.UTF_8);
        } finally {
            if (process != null) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            Files.deleteIfExists(errors);
            Files.deleteIfExists(output);
        }
    }

    private static Process start(
            Path directory, Map<String, String> environment, List<String> command, Path errors, Path output)
            throws IOException {
        ProcessBuilder builder = TiedCommand.builder(command, environment)
                .directory(directory.toFile())
                .redirectError(errors.toFile())
                .redirectOutput(output.toFile());
        return TiedCommand.start(builder);
    }
}
