package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.machine.Folder;
import dev.mayfly.bench.machine.HostMemory;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.network.NetworkPoolConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Many idle sandboxes at once: what each costs the machine, and whether making one gets slower. */
public final class Density implements Benchmark {
    private static final long KIB_EACH_MAX = 1_024;

    /** Networks that stand ready when it begins: who gets one of those is no measure for who does not. */
    private static final int NETWORKS_READY =
            NetworkPoolConfig.DEFAULTS.size() + NetworkPoolConfig.DEFAULTS.reuseSize();

    @Override
    public String name() {
        return "density";
    }

    @Override
    public String about() {
        return "many idle sandboxes: the machine's memory for each beyond its processes, and the rate of making the"
                + " last";
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 10, 15);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        try (Folder folder = new Folder();
                OpenedRuntimes classes = OpenedRuntimes.open(folder.path, report)) {
            Path layer = Programs.layer(folder.path, "idle");
            for (OpenedRuntimes.Opened each : classes.all()) {
                boolean ours = each.name().equals(OpenedRuntimes.NATIVE);
                // Peers keep a process beside each sandbox: fewer of them show the same figure.
                int count = ours ? length.of(20, 1_000, 1_000) : length.of(10, 50, 100);
                measure(each, Workload.of(layer), count, report);
            }
        }
    }

    private static void measure(OpenedRuntimes.Opened opened, Workload workload, int count, Report report)
            throws IOException, InterruptedException {
        int window = Math.max(5, count / 10);
        int begin = Math.min(NETWORKS_READY, count - 2 * window);
        List<Sandbox> all = new ArrayList<>();
        try {
            for (int i = 0; i < window; i++) {
                all.add(idle(opened, workload)); // Warms up what making them needs.
            }
            destroy(all);
            System.gc();
            Traces traces = new Traces(opened.run());
            HostMemory.State before = HostMemory.now();
            long own = HostMemory.proportionalKib(List.of(ProcessHandle.current()));
            Samples first = new Samples();
            Samples last = new Samples();
            for (int i = 0; i < count; i++) {
                long start = System.nanoTime();
                all.add(idle(opened, workload));
                long took = System.nanoTime() - start;
                if (i >= begin && i < begin + window) {
                    first.add(took);
                }
                if (i >= count - window) {
                    last.add(took);
                }
            }
            System.gc();
            HostMemory.State after = HostMemory.now();
            List<ProcessHandle> inside = idleProcesses(traces);
            long theirs = HostMemory.proportionalKib(inside);
            double each = (double) (before.availableKib() - after.availableKib() - theirs) / count;
            boolean ours = opened.name().equals(OpenedRuntimes.NATIVE);
            String prefix = opened.name() + "/" + count;
            Row memory = Row.alone(prefix + "/host-memory-each", each, "KiB");
            report.add(ours ? memory.bar("at most 1024 KiB", each <= KIB_EACH_MAX) : memory);
            report.add(Row.alone(
                    prefix + "/of-it-kernel-objects", (double) (after.slabKib() - before.slabKib()) / count, "KiB"));
            report.add(Row.alone(
                    prefix + "/of-it-this-process",
                    (double) (HostMemory.proportionalKib(List.of(ProcessHandle.current())) - own) / count,
                    "KiB"));
            report.add(Row.alone(prefix + "/own-processes-each", (double) theirs / count, "KiB"));
            report.add(Row.alone(prefix + "/own-processes", inside.size(), ""));
            Row rate = Row.beside(
                    prefix + "/rate-of-the-last", 1e3 / last.median(), "/s", "the first", 1e3 / first.median());
            report.add(ours ? rate.bar("at least 0.8 times the first", rate.ratio() >= 0.8) : rate);
        } finally {
            destroy(all);
        }
    }

    /** The programs themselves; what a class keeps beside them counts as the machine's. */
    private static List<ProcessHandle> idleProcesses(Traces traces) {
        return traces.sandboxed().stream()
                .filter(process -> process.info().command().orElse("").endsWith("/bin/idle"))
                .toList();
    }

    private static Sandbox idle(OpenedRuntimes.Opened opened, Workload workload)
            throws IOException, InterruptedException {
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        Sandbox sandbox = opened.runtime()
                .start(workload.spec(
                        List.of("/bin/idle"), Map.of(), List.of(), (_, line) -> ready.complete(line.equals("ready"))));
        sandbox.exit().thenAccept(_ -> ready.complete(false));
        try {
            if (!ready.get(60, TimeUnit.SECONDS)) {
                throw new IOException("sandbox " + sandbox.id() + " is not idle but ended or failed");
            }
            return sandbox;
        } catch (IOException | ExecutionException | TimeoutException | InterruptedException e) {
            sandbox.destroy();
            if (e instanceof InterruptedException interrupted) {
                throw interrupted;
            }
            throw new IOException("sandbox " + sandbox.id() + " did not get ready", e);
        }
    }

    private static void destroy(List<Sandbox> sandboxes) throws IOException, InterruptedException {
        for (Sandbox each : sandboxes) {
            Cycle.reap(each);
        }
        sandboxes.clear();
    }
}
