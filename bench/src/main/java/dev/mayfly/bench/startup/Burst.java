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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Two hundred requests at the same moment to a function without an instance, with a pool of eight generic ones. */
public final class Burst implements Benchmark {
    private static final int CALLERS = 200;
    private static final String POOL = "8";
    private static final double LAST_BAR_MS = 1_000;

    @Override
    public String name() {
        return "burst";
    }

    @Override
    public String about() {
        return "0 to 200 requests at once on a pool of 8: failures, and when the last was answered";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 3, 6);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        try (TestServer server = new TestServer()) {
            server.up("pool.generic-min=" + POOL);
            for (PushedFunction each : PushedFunction.wanted(report, PushedFunction.PYTHON, PushedFunction.NODE)) {
                String app = "burst-" + each.label();
                each.push(server, app, PushedFunction.GONE_SOON);
                Samples last = new Samples();
                Samples middle = new Samples();
                int failures = 0;
                for (int i = 0; i < length.of(1, 10, 30); i++) {
                    server.awaitNone(app);
                    Thread.sleep(1_000); // Until the pool is full again.
                    Samples times = new Samples();
                    failures += burst(server, app, times);
                    last.figure(times.most());
                    middle.figure(times.median());
                }
                report.add(
                        Row.alone(each.label() + "/last-answer", last.median(), "ms")
                                .bar("at most 1000 ms", last.median() <= LAST_BAR_MS),
                        last);
                report.add(Row.alone(each.label() + "/median-answer", middle.median(), "ms"));
                report.add(Row.alone(each.label() + "/failures", failures, "").bar("none", failures == 0));
            }
        }
    }

    private static int burst(TestServer server, String app, Samples times) throws IOException, InterruptedException {
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> calls = new ArrayList<>();
        try (AppCaller caller = new AppCaller(server, app);
                ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
            CountDownLatch there = new CountDownLatch(CALLERS);
            for (int i = 0; i < CALLERS; i++) {
                calls.add(threads.submit(() -> {
                    there.countDown();
                    start.await();
                    long begin = System.nanoTime();
                    boolean ok = caller.call().ok();
                    times.add(System.nanoTime() - begin);
                    return ok;
                }));
            }
            there.await();
            start.countDown();
            int failures = 0;
            for (Future<Boolean> each : calls) {
                try {
                    failures += each.get() ? 0 : 1;
                } catch (ExecutionException e) {
                    failures++;
                }
            }
            return failures;
        }
    }
}
