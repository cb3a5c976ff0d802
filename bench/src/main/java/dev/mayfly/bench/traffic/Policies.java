package dev.mayfly.bench.traffic;

import dev.mayfly.bench.replay.AzureSample;
import dev.mayfly.bench.replay.Costs;
import dev.mayfly.bench.replay.Policy;
import dev.mayfly.bench.replay.PoolReplay;
import dev.mayfly.bench.replay.Replay;
import dev.mayfly.bench.replay.ReplayOutcome;
import dev.mayfly.bench.replay.Synthetic;
import dev.mayfly.bench.replay.Trace;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.model.Isolation;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.core.PoolConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Keep-alive policies on traces of calls, each beside 10 fixed minutes: by the memory they want, and at equal memory. */
public final class Policies implements Benchmark {
    private static final Policy BASE = Policy.fixed(Duration.ofMinutes(10));
    private static final Policy HISTOGRAM = Policy.histogram(Duration.ofHours(1), Duration.ofMinutes(10));

    /** Minutes that an instance may idle to save a second of waiting. */
    private static final List<Integer> WORTHS = List.of(15, 30, 45, 60, 90, 120, 180, 360);

    private static final List<Integer> BUDGETS = List.of(20, 40, 60, 80);

    @Override
    public String name() {
        return "policies";
    }

    @Override
    public String about() {
        return "keep-alive policies on an hour of Azure's calls and on synthetic days, beside 10 fixed minutes";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 10, 60);
    }

    @Override
    public void run(Length length, Report report) throws IOException {
        Random random = report.random();
        report.note(
                "the sample leaves out rare functions, so it flatters every policy; the first call of each is always"
                        + " cold");
        report.note("execution time 0, one instance for each function; a cold call waits "
                + Math.round(Costs.STATED.cold() * 1e3) + " ms, a bind " + Math.round(Costs.STATED.bind() * 1e3)
                + " ms, a thaw " + Math.round(Costs.STATED.thaw() * 1e3) + " ms: stated, not measured here");
        for (Trace trace : traces(length, random)) {
            report.note(String.format(
                    Locale.ROOT,
                    "%s: %d functions, %d calls, %.0f h%s",
                    trace.name(),
                    trace.functions().size(),
                    trace.calls(),
                    trace.seconds() / 3_600,
                    trace.name().startsWith("synthetic") ? ", made up from published figures" : ""));
            byMemory(trace, report);
            if (!trace.name().startsWith("synthetic")) {
                byBudget(trace, report);
                pool(trace, report);
            }
        }
    }

    private static List<Trace> traces(Length length, Random random) throws IOException {
        List<Trace> traces = new ArrayList<>();
        for (AzureSample.Spread spread : AzureSample.Spread.values()) {
            traces.add(AzureSample.read(spread, random));
        }
        traces.add(Synthetic.trace(length.of(50, 200, 500), length.of(6, 24, 3 * 24), random));
        return traces;
    }

    /** Each policy with as much memory as it wants. */
    private static void byMemory(Trace trace, Report report) {
        ReplayOutcome base = Replay.run(trace, BASE);
        ReplayOutcome histogram = Replay.run(trace, HISTOGRAM);
        List<Policy> peers = List.of(
                Policy.fixed(Duration.ofMinutes(1)),
                Policy.fixed(Duration.ofMinutes(5)),
                BASE,
                Policy.fixed(Duration.ofMinutes(20)),
                Policy.kpa(),
                HISTOGRAM,
                Policy.histogram(Duration.ofHours(4), Duration.ofHours(4)));
        peers.forEach(policy -> show(trace, policy, Replay.run(trace, policy), base, null, report));
        List<ReplayOutcome> curve = new ArrayList<>();
        for (int minutes : WORTHS) {
            Policy policy = Policy.learned(Duration.ofMinutes(minutes));
            ReplayOutcome outcome = Replay.run(trace, policy);
            boolean ours = PoolConfig.Keeping.DEFAULTS.coldWorth().toMinutes() == minutes;
            show(trace, policy, outcome, base, ours ? histogram : null, report);
            curve.add(outcome);
        }
        beats(trace, HISTOGRAM.name(), histogram, curve, report);
        beats(trace, BASE.name(), base, curve, report);
    }

    /** At not more cold calls than the peer, the least memory that ours needs: the curve of ours beside the peer's point. */
    private static void beats(Trace trace, String peer, ReplayOutcome of, List<ReplayOutcome> curve, Report report) {
        Optional<ReplayOutcome> best = curve.stream()
                .filter(ours -> ours.cold() <= of.cold())
                .min(Comparator.comparingDouble(ReplayOutcome::idleSeconds));
        if (best.isEmpty()) {
            report.note(trace.name() + ": no setting of ours has as few cold calls as " + peer);
            return;
        }
        Row row = Row.beside(
                trace.name() + "/learned/idle-at-cold-of-" + peer,
                best.get().idleSeconds() / 60,
                "min",
                peer,
                of.idleSeconds() / 60);
        report.add(row.bar("less", row.ratio() < 1));
    }

    private static void show(
            Trace trace,
            Policy policy,
            ReplayOutcome outcome,
            ReplayOutcome base,
            @Nullable ReplayOutcome better,
            Report report) {
        String prefix = trace.name() + "/" + policy.name();
        String against = BASE.name();
        Row cold = Row.beside(prefix + "/cold", outcome.coldShare() * 100, "%", against, base.coldShare() * 100);
        Row idle = Row.beside(prefix + "/idle", outcome.idleSeconds() / 60, "min", against, base.idleSeconds() / 60);
        report.add(
                better == null
                        ? cold
                        : cold.bar("not above the histogram's", outcome.coldShare() <= better.coldShare()));
        report.add(
                Row.beside(prefix + "/cold-p50", outcome.quantile(0.5) * 100, "%", against, base.quantile(0.5) * 100));
        report.add(Row.beside(
                prefix + "/cold-p75", outcome.quantile(0.75) * 100, "%", against, base.quantile(0.75) * 100));
        report.add(Row.beside(
                prefix + "/added-mean",
                outcome.coldShare() * Costs.STATED.cold() * 1e3,
                "ms",
                against,
                base.coldShare() * Costs.STATED.cold() * 1e3));
        report.add(
                better == null
                        ? idle
                        : idle.bar("below the histogram's", outcome.idleSeconds() < better.idleSeconds()));
        report.add(Row.beside(
                prefix + "/idle-memory",
                outcome.idleMibSeconds() / 1_024 / 60,
                "GiB min",
                against,
                base.idleMibSeconds() / 1_024 / 60));
        report.add(Row.alone(prefix + "/starts-per-call", (double) outcome.starts() / outcome.calls(), ""));
    }

    /** Each policy with the same memory: a share of what all functions together take. */
    private static void byBudget(Trace trace, Report report) {
        double all =
                trace.functions().stream().mapToInt(Trace.Function::memoryMib).sum();
        for (int percent : BUDGETS) {
            double mib = all * percent / 100;
            ReplayOutcome base = Replay.run(trace, BASE, mib);
            String prefix = trace.name() + "/memory-" + percent + "/";
            double least = Double.MAX_VALUE;
            for (Policy peer : List.of(
                    Policy.untilShort("least-recent", Policy.Order.LEAST_RECENT),
                    Policy.untilShort("greedy-dual", Policy.Order.GREEDY_DUAL),
                    HISTOGRAM)) {
                double share = Replay.run(trace, peer, mib).coldShare();
                least = Math.min(least, share);
                report.add(cold(prefix + peer.name(), share, base));
            }
            double ours = Replay.run(trace, Policy.learned(PoolConfig.Keeping.DEFAULTS.coldWorth()), mib)
                    .coldShare();
            report.add(cold(prefix + "learned", ours, base)
                    .bar("not above any other's", ours <= Math.min(least, base.coldShare())));
        }
    }

    private static Row cold(String what, double share, ReplayOutcome base) {
        return Row.beside(what + "/cold", share * 100, "%", BASE.name(), base.coldShare() * 100);
    }

    /** The pool's own core, whole: freezing, generic instances, and ones used once. */
    private static void pool(Trace trace, Report report) {
        ReplayOutcome base = Replay.run(trace, BASE);
        for (Isolation isolation : Isolation.values()) {
            for (boolean generics : new boolean[] {false, true}) {
                PoolReplay.Result result = PoolReplay.run(trace, isolation, generics, Costs.STATED);
                String prefix = trace.name() + "/pool-" + isolation.wireName() + (generics ? "-generic" : "");
                for (StartKind kind : StartKind.values()) {
                    report.add(Row.alone(prefix + "/" + kind.wireName(), result.share(kind) * 100, "%"));
                }
                report.add(Row.alone(prefix + "/refused", result.refused(), ""));
                report.add(Row.alone(prefix + "/wait-p50", result.waitAt(0.5), "ms"));
                report.add(Row.alone(prefix + "/wait-p99", result.waitAt(0.99), "ms"));
                report.add(Row.alone(prefix + "/wait-mean", mean(result.waits()), "ms"));
                report.add(Row.beside(
                        prefix + "/idle",
                        (result.idleSeconds() + result.genericSeconds()) / 60,
                        "min",
                        BASE.name(),
                        base.idleSeconds() / 60));
                report.add(Row.alone(prefix + "/of-it-generic", result.genericSeconds() / 60, "min"));
            }
        }
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }
}
