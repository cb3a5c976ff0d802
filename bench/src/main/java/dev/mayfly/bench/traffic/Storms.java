package dev.mayfly.bench.traffic;

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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An app that is called at a steady rate, while another one storms: with starts, processors, memory and output. The other is of
 * the same tenant, as a new server has one: turns between tenants do not help here.
 */
public final class Storms implements Benchmark {
    private static final double RATE = 50;
    private static final double BAR = 1.5;
    private static final String VICTIM = "victim";

    /** @param rate requests of the storm in each second */
    private record Storm(String name, double rate, String settings, String code) {}

    private static final List<Storm> STORMS = List.of(
            new Storm("starts", 100, PushedFunction.ONCE, """
                def storm(request):
                    return 'ok'
                """),
            new Storm("cpu", 8, "", """
                import time


                def storm(request):
                    end = time.process_time() + 1
                    while time.process_time() < end:
                        pass
                    return 'ok'
                """),
            new Storm("memory", 8, "", """
                def storm(request):
                    held = [bytearray(1 << 20) for _ in range(4096)]
                    return str(len(held))
                """),
            new Storm("logs", 8, "", """
                def storm(request):
                    for _ in range(1000):
                        print('x' * 1000)
                    return 'ok'
                """));

    @Override
    public String name() {
        return "neighbour";
    }

    @Override
    public String about() {
        return "p95 of an app while another storms with starts, processors, memory or output, beside its quiet p95";
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 5, 20);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Duration time = Duration.ofSeconds(length.of(1, 10, 60));
        try (TestServer server = new TestServer()) {
            server.up();
            PushedFunction.PYTHON.push(server, VICTIM, PushedFunction.WARM);
            try (AppCaller victim = new AppCaller(server, VICTIM)) {
                measured(victim, time.multipliedBy(2), new AtomicInteger()); // Until what it needs is compiled.
                for (Storm each : STORMS.stream()
                        .filter(storm -> report.wants(storm.name()))
                        .toList()) {
                    String app = "storm-" + each.name();
                    PushedFunction.PYTHON.push(server, app, each.settings(), each.code(), "storm");
                    try (AppCaller storm = new AppCaller(server, app)) {
                        beside(each, time, victim, storm, report);
                    }
                }
            }
        }
    }

    private static void beside(Storm storm, Duration time, AppCaller victim, AppCaller caller, Report report)
            throws IOException, InterruptedException {
        AtomicInteger failures = new AtomicInteger();
        Samples quiet = measured(victim, time, failures);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger stormed = new AtomicInteger();
        CompletableFuture<Void> storming = CompletableFuture.runAsync(
                () -> {
                    try {
                        while (!over.get()) {
                            Load.open(storm.rate(), Duration.ofSeconds(1), _ -> {
                                try {
                                    stormed.addAndGet(caller.call().ok() ? 1 : 0);
                                } catch (IOException e) {
                                    // What it does to itself is not the question.
                                }
                            });
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                Thread::startVirtualThread);
        Samples stormy;
        try {
            Thread.sleep(time.dividedBy(5));
            stormy = measured(victim, time, failures);
        } finally {
            over.set(true);
            try {
                storming.get();
            } catch (ExecutionException e) {
                report.note(storm.name() + ": " + e.getCause());
            }
        }
        Row p95 = Row.beside(storm.name() + "/p95", stormy.at(0.95), "ms", "quiet", quiet.at(0.95));
        report.add(p95.bar("at most 1.5 times", p95.ratio() <= BAR));
        report.add(Row.beside(storm.name() + "/p50", stormy.median(), "ms", "quiet", quiet.median()));
        report.add(Row.alone(storm.name() + "/failures-of-the-neighbour", failures.get(), "")
                .bar("none", failures.get() == 0));
        report.add(Row.alone(storm.name() + "/storm-answered", stormed.get(), ""));
    }

    private static Samples measured(AppCaller victim, Duration time, AtomicInteger failures)
            throws IOException, InterruptedException {
        Samples each = new Samples();
        Load.open(RATE, time, due -> {
            try {
                if (!victim.call().ok()) {
                    failures.incrementAndGet();
                }
            } catch (IOException e) {
                failures.incrementAndGet();
            }
            each.add(System.nanoTime() - due);
        });
        return each;
    }
}
