package dev.mayfly.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How much of everything this machine has, whatever this process is held to.
 *
 * @param memoryMib memory in MiB
 * @param processors those online
 * @param pids ids of processes
 */
record Machine(long memoryMib, int processors, long pids) {
    /** Machines grow while they run, but not between two requests, and each of these files takes the kernel some time to write. */
    private static final long KNOWN_NANOS = Duration.ofSeconds(10).toNanos();

    private static final long KIB_PER_MIB = 1_024;

    private record Known(Machine machine, long at) {}

    private static volatile Known known = new Known(read(), System.nanoTime());

    /** As it was some seconds ago at most. */
    static Machine now() {
        Known last = known;
        if (System.nanoTime() - last.at() < KNOWN_NANOS) {
            return last.machine();
        }
        Machine machine = read();
        known = new Known(machine, System.nanoTime());
        return machine;
    }

    private static Machine read() {
        try {
            return new Machine(readMemoryMib(), readProcessors(), readNumber(Path.of("/proc/sys/kernel/pid_max")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long readMemoryMib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / KIB_PER_MIB;
            }
        }
        throw new IOException("/proc/meminfo: no MemTotal");
    }

    private static int readProcessors() throws IOException {
        return (int) Files.readAllLines(Path.of("/proc/stat")).stream()
                .filter(line -> line.matches("cpu\\d+ .*"))
                .count();
    }

    /** In one read: the kernel gives numbers of its settings from their beginning only. */
    private static long readNumber(Path file) throws IOException {
        byte[] digits = new byte[32];
        try (InputStream in = Files.newInputStream(file)) {
            return Long.parseLong(
                    new String(digits, 0, Math.max(0, in.read(digits)), StandardCharsets.US_ASCII).strip());
        }
    }
}
