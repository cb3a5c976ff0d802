package dev.mayfly.bench.traffic;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.machine.SandboxMemory;
import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.replay.AzureSample;
import dev.mayfly.bench.replay.Trace;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.DisturbedException;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.AppCaller;
import dev.mayfly.bench.server.PushedFunction;
import dev.mayfly.bench.server.TestServer;
import dev.mayfly.pool.core.PoolConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * An hour of Azure's calls in less time against a whole server: an instance that never served for each call, beside instances that
 * are kept for 10 (equally compressed) minutes. What is compared is what the calls wait for and what waits for them.
 */
public final class TraceOnPool implements Benchmark {
    private static final Duration FIXED = Duration.ofMinutes(10);
    private static final double IDLE_BAR = 0.1;
    private static final int PUSHES_AT_ONCE = 3;

    /** The trace's functions belong to many tenants and machines; here one has them all, and no cap is to decide. */
    private static final List<String> ROOMY = List.of(
            "pool.instances-max=1000",
            "pool.tenant-instances-max=1000",
            "pool.memory-max=1000000",
            "pool.tenant-memory-max=1000000");

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String about() {
        return "an hour of Azure's calls, compressed, on the real pool: never-used instances beside 10 fixed minutes";
    }

    /** What became of the calls of one side. */
    private static final class ReplayOutcome {
        final Samples each = new Samples();

        /** Those after the first ten minutes: before, each function has its first call, which is cold for everybody. */
        final Samples later = new Samples();

        final Samples warm = new Samples();
        final Samples sandboxesMib = new Samples();
        final Samples zygotesMib = new Samples();
        final AtomicInteger failures = new AtomicInteger();
        final AtomicInteger seenBefore = new AtomicInteger();
        final ConcurrentMap<String, Integer> met = new ConcurrentHashMap<>();

        void answered(AppCaller.Answer answer, boolean first, double at, long nanos) {
            met.merge(answer.ok() ? answer.start() : answer.status() + " " + answer.body(), 1, Integer::sum);
            each.add(nanos);
            if (at >= FIXED.toSeconds()) {
                later.add(nanos);
            }
            if (!answer.ok()) {
                failures.incrementAndGet();
            } else if (!first) {
                seenBefore.incrementAndGet();
            }
            if (answer.start().equals("warm")) {
                warm.add(nanos);
            }
        }

        void failed(IOException why, long nanos) {
            met.merge(String.valueOf(why.getMessage()), 1, Integer::sum);
            each.add(nanos);
            failures.incrementAndGet();
        }
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 20, 45);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        int compressed = length.of(600, 12, 4);
        Trace all = AzureSample.read(AzureSample.Spread.STAGGERED, report.random());
        int functions = length.of(3, all.functions().size(), all.functions().size());
        Trace trace = new Trace(all.name(), all.seconds(), all.functions().subList(0, functions));
        report.note(trace.functions().size() + " functions in Python, " + trace.calls() + " calls, " + compressed
                + " times as fast; execution time 0; the sample leaves out rare functions, which flatters what"
                + " is kept");
        Duration settle = Duration.ofSeconds(length.of(0, 70, 70));
        report.note("first with what is kept, then with what is fresh: each pushes "
                + trace.functions().size() + " functions, waits " + settle.toSeconds() + " s and calls for "
                + (long) trace.seconds() / compressed + " s");
        ReplayOutcome kept = side(
                trace,
                compressed,
                settle,
                "keep-alive = \"fixed\"\n",
                "[limits]\nidle-timeout = \"" + FIXED.toSeconds() / compressed + "s\"\n");
        // What a cold call is worth is a time, too.
        Duration worth = PoolConfig.Keeping.DEFAULTS.coldWorth().dividedBy(compressed);
        ReplayOutcome fresh = side(
                trace,
                compressed,
                settle,
                PushedFunction.ONCE,
                "",
                "pool.cold-worth=" + Math.max(1, worth.toMillis()) + "ms");
        rows(fresh, kept, report);
    }

    private static void rows(ReplayOutcome fresh, ReplayOutcome kept, Report report) throws IOException {
        if (kept.warm.size() == 0) {
            String what = "no call met a warm instance (expected: most of those kept): " + kept.met;
            throw kept.failures.get() == 0 ? new DisturbedException(what) : new IOException(what);
        }
        double warm = kept.warm.median();
        String peer = "10 fixed minutes";
        report.add(Row.alone("requests", fresh.each.size(), ""));
        report.add(Row.alone("failures", fresh.failures.get(), "").bar("none", fresh.failures.get() == 0));
        report.add(Row.alone("instances-seen-before", fresh.seenBefore.get(), "")
                .bar("none", fresh.seenBefore.get() == 0));
        report.add(Row.beside("added/p50", fresh.each.median() - warm, "ms", peer, kept.each.median() - warm));
        Row p99 = Row.beside("added/p99", fresh.each.at(0.99) - warm, "ms", peer, kept.each.at(0.99) - warm);
        report.add(p99.bar("not above", p99.value() <= p99.againstValue()));
        if (fresh.later.size() > 0 && kept.later.size() > 0) {
            report.add(Row.beside(
                    "after-10-minutes/added/p99", fresh.later.at(0.99) - warm, "ms", peer, kept.later.at(0.99) - warm));
        }
        double freshZygotes = mean(fresh.zygotesMib);
        double keptZygotes = mean(kept.zygotesMib);
        Row idle = Row.beside(
                "idle-memory",
                mean(fresh.sandboxesMib) + freshZygotes,
                "MiB",
                peer,
                mean(kept.sandboxesMib) + keptZygotes);
        report.add(idle.bar("at most 0.1 times", idle.ratio() <= IDLE_BAR));
        report.add(Row.beside("idle-memory/of-it-zygotes", freshZygotes, "MiB", peer, keptZygotes));
        report.note("calls met " + new TreeMap<>(fresh.met) + "; of " + peer + " " + new TreeMap<>(kept.met) + ", "
                + kept.failures.get() + " failed");
    }

    private static double mean(Samples samples) {
        return samples.values().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(0);
    }

    private static ReplayOutcome side(
            Trace trace, int compressed, Duration settle, String settings, String tables, String... server)
            throws IOException, InterruptedException {
        try (TestServer on = new TestServer()) {
            on.up(Stream.concat(ROOMY.stream(), Stream.of(server)).toArray(String[]::new));
            List<AppCaller> callers = new ArrayList<>();
            try {
                for (int i = 0; i < trace.functions().size(); i++) {
                    callers.add(new AppCaller(on, "f" + i));
                }
                AtomicInteger pushed = new AtomicInteger();
                Load.workers(PUSHES_AT_ONCE, () -> {
                    for (int i;
                            (i = pushed.getAndIncrement()) < trace.functions().size(); ) {
                        PushedFunction.PYTHON.push(on, "f" + i, settings, tables);
                    }
                });
                Thread.sleep(settle); // Until what deploys started has gone.
                return replay(trace, compressed, on, callers);
            } finally {
                callers.forEach(AppCaller::close);
            }
        }
    }

    private static ReplayOutcome replay(Trace trace, int compressed, TestServer server, List<AppCaller> callers)
            throws IOException, InterruptedException {
        ReplayOutcome outcome = new ReplayOutcome();
        Map<String, Boolean> seen = new ConcurrentHashMap<>();
        List<Load.Due> due = new ArrayList<>();
        for (int i = 0; i < trace.functions().size(); i++) {
            AppCaller caller = callers.get(i);
            for (double at : trace.functions().get(i).calls()) {
                due.add(new Load.Due(Math.round(at / compressed * 1e9), begin -> {
                    try {
                        AppCaller.Answer answer = caller.call();
                        long nanos = System.nanoTime() - begin;
                        outcome.answered(answer, seen.put(answer.instance(), true) == null, at, nanos);
                    } catch (IOException e) {
                        outcome.failed(e, System.nanoTime() - begin);
                    }
                }));
            }
        }
        SandboxMemory memory = new SandboxMemory(new Traces(server.sandboxes()));
        Thread watcher = Thread.ofPlatform().name("memory").start(() -> watch(memory, outcome));
        try {
            Load.open(due);
        } finally {
            watcher.interrupt();
            watcher.join();
        }
        return outcome;
    }

    /** All of it counts as idle: what a call of no time takes is not to be seen. */
    private static void watch(SandboxMemory memory, ReplayOutcome outcome) {
        try {
            while (true) {
                SandboxMemory.Held held = memory.held();
                outcome.sandboxesMib.figure(held.sandboxes());
                outcome.zygotesMib.figure(held.zygotes());
                Thread.sleep(1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
