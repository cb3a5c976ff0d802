package dev.mayfly.bench.startup;

import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.AppCaller;
import dev.mayfly.bench.server.PushedFunction;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;

/** A request to a function without an instance, for which one is made of a generic one, beside the next request to that instance. */
public final class Claim implements Benchmark {
    /** Requests until the server's virtual machine has compiled their path; claims until it has compiled theirs. */
    private static final int WARM_UP_REQUESTS = 3_000;

    private static final int WARM_UP_CLAIMS = 20;
    private static final double P50_BAR = 10;
    private static final double P99_BAR = 25;

    @Override
    public String name() {
        return "claim";
    }

    @Override
    public String about() {
        return "the first answer of a generic instance that is bound for the request, beside a warm one";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 5, 20);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        try (TestServer server = new TestServer()) {
            server.up();
            PushedFunction.NATIVE.push(server, "warm-up", PushedFunction.WARM);
            try (AppCaller caller = new AppCaller(server, "warm-up")) {
                for (int i = 0; i < (length == Length.SHORT ? 1 : WARM_UP_REQUESTS); i++) {
                    caller.call();
                }
            }
            for (PushedFunction each :
                    PushedFunction.wanted(report, PushedFunction.PYTHON, PushedFunction.NODE, PushedFunction.JAVA)) {
                String app = "claim-" + each.label();
                each.push(server, app, PushedFunction.GONE_SOON);
                measure(
                        server,
                        app,
                        each.label(),
                        length.of(3, 60, 300),
                        length.of(0, WARM_UP_CLAIMS, WARM_UP_CLAIMS),
                        each != PushedFunction.JAVA,
                        report);
            }
        }
    }

    private static void measure(
            TestServer server, String app, String label, int count, int unmeasured, boolean bars, Report report)
            throws IOException, InterruptedException {
        Samples added = new Samples();
        Samples warm = new Samples();
        int missed = 0;
        int claims = 0;
        try (AppCaller caller = new AppCaller(server, app)) {
            while (added.size() < count) {
                server.awaitNone(app);
                long begin = System.nanoTime();
                AppCaller.Answer first = caller.call();
                long middle = System.nanoTime();
                AppCaller.Answer second = caller.call();
                long end = System.nanoTime();
                if (!first.ok() || !second.ok() || !second.start().equals("warm")) {
                    throw new IOException("answers: " + first + ", " + second);
                }
                if (first.start().equals("pool") && ++claims <= unmeasured) {
                    continue;
                }
                if (first.start().equals("pool")) {
                    added.add(middle - begin - (end - middle));
                    warm.add(end - middle);
                } else if (++missed > count) {
                    throw new IOException("too many requests met no generic instance; the last: " + first.start());
                }
            }
        }
        String what = label + "/added";
        Row p50 = Row.beside(what + "/p50", added.median(), "ms", "warm", warm.median());
        Row p99 = Row.beside(what + "/p99", added.at(0.99), "ms", "warm", warm.at(0.99));
        report.add(bars ? p50.bar("at most 10 ms", p50.value() <= P50_BAR) : p50);
        report.add(bars ? p99.bar("at most 25 ms", p99.value() <= P99_BAR) : p99);
        report.add(Row.alone(label + "/met-no-generic", missed, ""));
    }
}
