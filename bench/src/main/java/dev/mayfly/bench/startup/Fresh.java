package dev.mayfly.bench.startup;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.AppCaller;
import dev.mayfly.bench.server.PushedFunction;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Each request in an instance that has never served, at a steady rate, beside the same function in one instance at the same
 * rate; and the highest rate that each language sustains. Open loop: who waits counts from when it was due.
 */
public final class Fresh implements Benchmark {
    private static final double RATE = 150;
    private static final double P50_BAR = 2;
    private static final double P99_BAR = 10;

    /** A rate is sustained if all are answered and 19 of 20 within this time. */
    private static final double SUSTAINED_P95_MS = 100;

    private static final double RATE_LEAST = 10;
    private static final double STEP = 1.4;

    @Override
    public String name() {
        return "fresh";
    }

    @Override
    public String about() {
        return "isolation \"request\": a new instance for every request at a steady rate, beside a warm one";
    }

    /** What became of the requests of one rate. */
    private record Outcome(Samples each, int failures, int seenBefore, Map<String, Integer> met) {
        boolean sustained() {
            return failures == 0 && each.at(0.95) <= SUSTAINED_P95_MS;
        }
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 15, 90);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        try (TestServer server = new TestServer()) {
            server.up();
            for (PushedFunction each : PushedFunction.wanted(report, PushedFunction.values())) {
                each.push(server, "warm-" + each.label(), PushedFunction.WARM);
                each.push(server, "fresh-" + each.label(), PushedFunction.ONCE);
                try (AppCaller warm = new AppCaller(server, "warm-" + each.label());
                        AppCaller fresh = new AppCaller(server, "fresh-" + each.label())) {
                    measure(each, length, warm, fresh, report);
                }
            }
        }
    }

    private static void measure(PushedFunction function, Length length, AppCaller warm, AppCaller fresh, Report report)
            throws IOException, InterruptedException {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        Duration time = Duration.ofSeconds(length.of(2, 60, 600));
        Duration brief = Duration.ofSeconds(length.of(2, 20, 60));
        double highest = highest(length, fresh, seen, report);
        report.add(Row.alone(function.label() + "/sustained", highest, "/s"));
        if ((function == PushedFunction.PYTHON || function == PushedFunction.NATIVE) && length != Length.SHORT) {
            compare(function.label() + "/" + Math.round(RATE), RATE, time, warm, fresh, seen, true, report);
        }
        double most = Math.max(RATE_LEAST, 0.8 * highest);
        compare(function.label() + "/0.8-of-sustained", most, brief, warm, fresh, seen, false, report);
    }

    private static void compare(
            String what,
            double rate,
            Duration time,
            AppCaller warm,
            AppCaller fresh,
            Set<String> seen,
            boolean bars,
            Report report)
            throws IOException, InterruptedException {
        at(rate, Duration.ofSeconds(3), fresh, seen); // Until as many are prepared as this rate takes.
        Outcome beside = at(rate, time.dividedBy(4), warm, ConcurrentHashMap.newKeySet());
        Outcome outcome = at(rate, time, fresh, seen);
        Row p50 = Row.beside(
                what + "/added/p50",
                outcome.each().median() - beside.each().median(),
                "ms",
                "warm",
                beside.each().median());
        Row p99 = Row.beside(
                what + "/added/p99",
                outcome.each().at(0.99) - beside.each().at(0.99),
                "ms",
                "warm",
                beside.each().at(0.99));
        report.add(bars ? p50.bar("at most 2 ms", p50.value() <= P50_BAR) : p50);
        report.add(bars ? p99.bar("at most 10 ms", p99.value() <= P99_BAR) : p99);
        report.add(Row.alone(what + "/requests", outcome.each().size(), ""));
        report.add(Row.alone(what + "/failures", outcome.failures(), "").bar("none", outcome.failures() == 0));
        report.add(Row.alone(what + "/instances-seen-before", outcome.seenBefore(), "")
                .bar("none", outcome.seenBefore() == 0));
        report.note(what + ": requests met " + outcome.met());
    }

    private static double highest(Length length, AppCaller fresh, Set<String> seen, Report report)
            throws IOException, InterruptedException {
        Duration time = Duration.ofSeconds(length.of(1, 5, 20));
        double last = 0;
        for (double rate = RATE_LEAST; ; rate *= STEP) {
            Outcome outcome = at(rate, time, fresh, seen);
            if (!outcome.sustained()) {
                outcome = at(rate, time, fresh, seen); // The first time the pool may have learnt what this rate takes.
            }
            if (!outcome.sustained()) {
                report.note("not sustained: " + Math.round(rate) + "/s (p95 "
                        + Math.round(outcome.each().at(0.95)) + " ms, " + outcome.failures() + " failures)");
                return last;
            }
            last = rate;
        }
    }

    private static Outcome at(double rate, Duration time, AppCaller caller, Set<String> seen)
            throws IOException, InterruptedException {
        Samples each = new Samples();
        AtomicInteger failures = new AtomicInteger();
        AtomicInteger again = new AtomicInteger();
        ConcurrentMap<String, Integer> met = new ConcurrentHashMap<>();
        Load.open(rate, time, due -> {
            try {
                AppCaller.Answer answer = caller.call();
                met.merge(answer.ok() ? answer.start() : answer.status() + " " + answer.body(), 1, Integer::sum);
                if (!answer.ok()) {
                    failures.incrementAndGet();
                } else if (!seen.add(answer.instance())) {
                    again.incrementAndGet();
                }
            } catch (IOException e) {
                met.merge(String.valueOf(e.getMessage()), 1, Integer::sum);
                failures.incrementAndGet();
            }
            each.add(System.nanoTime() - due);
        });
        return new Outcome(each, failures.get(), again.get(), new TreeMap<>(met));
    }
}
