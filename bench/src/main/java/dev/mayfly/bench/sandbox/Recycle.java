package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.machine.Folder;
import dev.mayfly.bench.machine.HostMemory;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Sandboxes in a row, more than a machine makes in a day: as fast at the end as at the start, and nothing piles up. */
public final class Recycle implements Benchmark {
    /** Memory that the machine may have less of afterwards: caches and other processes breathe. */
    private static final long MEMORY_SLACK_KIB = 64 * 1_024;

    private static final double RATE_BAR = 0.9;

    @Override
    public String name() {
        return "recycle";
    }

    @Override
    public String about() {
        return "sandboxes in a row: the rate at the end beside that at the start, and what piles up";
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 20, 120);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        try (Folder folder = new Folder();
                OpenedRuntimes classes = OpenedRuntimes.open(folder.path, report)) {
            Workload workload = Workload.of(Programs.layer(folder.path, "noop"));
            for (OpenedRuntimes.Opened each : classes.all()) {
                boolean ours = each.name().equals(OpenedRuntimes.NATIVE);
                // Peers take ten times as long for each: fewer of them.
                int count = ours ? length.of(200, 100_000, 1_000_000) : length.of(20, 1_000, 10_000);
                measure(each, workload, count, ours, report);
                List<String> left = classes.leftoversAfterClosing(each);
                left.forEach(line -> report.note("left behind by " + each.name() + ": " + line));
                report.add(Row.alone(each.name() + "/" + count + "/leftovers", left.size(), "")
                        .bar("none", left.isEmpty()));
            }
        }
    }

    private static void measure(OpenedRuntimes.Opened opened, Workload workload, int count, boolean ours, Report report)
            throws IOException, InterruptedException {
        int window = Math.max(10, count / 20);
        Load.Step step = () -> Cycle.run(opened.runtime(), workload.spec(List.of("/bin/noop")));
        for (int i = 0; i < window; i++) {
            step.run(); // Until the virtual machine has compiled what this needs.
        }
        System.gc();
        Map<String, Long> before = counts(opened.run());
        long memory = HostMemory.now().availableKib();
        double first = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            if (i == count - window) {
                begin = System.nanoTime();
            }
            step.run();
            if (i == window - 1) {
                first = window / seconds(begin);
            }
        }
        double last = window / seconds(begin);
        System.gc();
        long less = memory - HostMemory.now().availableKib();
        String prefix = opened.name() + "/" + count;
        Row rate = Row.beside(prefix + "/rate-at-the-end", last, "/s", "at the start", first);
        report.add(ours ? rate.bar("at least 0.9 times the start", rate.ratio() >= RATE_BAR) : rate);
        Row fewer = Row.alone(prefix + "/host-memory-less", less / 1024.0, "MiB");
        report.add(ours ? fewer.bar("at most " + MEMORY_SLACK_KIB / 1024 + " MiB", less <= MEMORY_SLACK_KIB) : fewer);
        settled(opened.run(), before).forEach((what, now) -> {
            long more = now - before.getOrDefault(what, 0L);
            report.add(Row.alone(prefix + "/more-" + what, (double) more, "").bar("none", more <= 0));
        });
    }

    /** What a class refills or frees in the background has a moment to do so. */
    private static Map<String, Long> settled(Path run, Map<String, Long> before)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        Map<String, Long> now = counts(run);
        while (System.nanoTime() - deadline < 0
                && now.entrySet().stream().anyMatch(each -> each.getValue() > before.getOrDefault(each.getKey(), 0L))) {
            Thread.sleep(200);
            now = counts(run);
        }
        return now;
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    /** What could pile up. A reap returned an error if it left anything of its own: these are the machine's counts. */
    private static Map<String, Long> counts(Path run) throws IOException, InterruptedException {
        Traces traces = new Traces(run);
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put("processes", (long) traces.processes().size());
        counts.put("mounts", (long) traces.mounts().size());
        counts.put("cgroups", (long) traces.cgroups().size());
        counts.put("networks", traces.networks());
        counts.put("links", (long) traces.links().size());
        try (var open = Files.list(Path.of("/proc/self/fd"));
                var files = Files.walk(run)) {
            counts.put("open-files", open.count());
            counts.put("files", files.count());
        }
        return counts;
    }
}
