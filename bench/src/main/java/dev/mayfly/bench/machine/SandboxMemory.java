package dev.mayfly.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Memory of what runs in sandboxes and of what they are forked from: what each process has alone, and its part of what it shares
 * (PSS, proc(5)).
 */
public final class SandboxMemory {
    private final Traces traces;

    public SandboxMemory(Traces traces) {
        this.traces = traces;
    }

    /** Of sandboxes and of zygotes, in MiB. */
    public record Held(double sandboxes, double zygotes) {}

    public Held held() {
        return new Held(mib(traces.sandboxed()), mib(traces.zygotes()));
    }

    private static double mib(List<ProcessHandle> processes) {
        return processes.stream().mapToLong(process -> kib(process.pid())).sum() / 1_024.0;
    }

    private static long kib(long pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc", String.valueOf(pid), "smaps_rollup"))) {
            return lines.filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException | java.io.UncheckedIOException e) {
            return 0; // It ended.
        }
    }
}
