package dev.mayfly.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Memory of the machine and of processes, in KiB, as the kernel counts it. */
public final class HostMemory {
    /**
     * @param availableKib what could still be used
     * @param slabKib the kernel's own objects
     */
    public record State(long availableKib, long slabKib) {}

    private HostMemory() {}

    public static State now() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("/proc/meminfo"));
        return new State(field(lines, "MemAvailable:"), field(lines, "Slab:"));
    }

    /** The shares of these processes in the pages they map; those that ended count nothing. */
    public static long proportionalKib(List<ProcessHandle> processes) {
        long sum = 0;
        for (ProcessHandle each : processes) {
            try {
                sum += field(Files.readAllLines(Path.of("/proc", String.valueOf(each.pid()), "smaps_rollup")), "Pss:");
            } catch (IOException e) {
                // It ended.
            }
        }
        return sum;
    }

    private static long field(List<String> lines, String name) throws IOException {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow(() -> new IOException("no " + name + " among " + lines.size() + " lines"));
    }
}
