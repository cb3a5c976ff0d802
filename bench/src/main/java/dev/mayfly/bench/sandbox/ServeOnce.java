package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.load.Sides;
import dev.mayfly.bench.machine.Folder;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.peers.Floor;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** A fresh sandbox for one request: network, limits, bound code, an answer over its unix socket, reaped. */
public final class ServeOnce implements Benchmark {
    private static final int AT_ONCE = 4;
    private static final double RATE_BAR = 400;
    private static final double TAIL_BAR_MILLIS = 5;

    @Override
    public String name() {
        return "sandbox --full";
    }

    @Override
    public String about() {
        return "a fresh sandbox with network, limits and bound code answers one request on a unix socket, then is"
                + " reaped";
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 10, 60);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Duration time = Duration.ofMillis(length.of(300, 2_000, 5_000));
        try (Folder folder = new Folder();
                OpenedRuntimes classes = OpenedRuntimes.open(folder.path, report)) {
            Path layer = Programs.layer(folder.path, "noop", "answer");
            Floor floor = new Floor(folder.path, layer);
            AnsweringSandbox sandboxes = new AnsweringSandbox(folder.path, Workload.of(layer));
            Sides sides = new Sides();
            sides.add("floor", () -> floor.closed(AT_ONCE, time));
            for (OpenedRuntimes.Opened each : classes.all()) {
                Load.Step step = () -> sandboxes.serveOnce(each.runtime(), () -> {});
                step.run();
                sides.add(each.name() + "/1", () -> Load.closed(1, time, step));
                sides.add(each.name() + "/4", () -> Load.closed(AT_ONCE, time, step));
            }
            sides.measure(length.rounds());
            for (OpenedRuntimes.Opened each : classes.all()) {
                closedRows(each.name(), sides, report);
                openRows(each, sandboxes, sides.rate(each.name() + "/4").median() / 2, length, report);
            }
        }
    }

    private static void closedRows(String name, Sides sides, Report report) {
        Samples one = sides.rate(name + "/1");
        report.add(Row.alone(name + "/serve-once/1/rate", one.median(), "/s"), one);
        Samples four = sides.rate(name + "/4");
        Row rate = Row.beside(
                name + "/serve-once/4/rate",
                four.median(),
                "/s",
                "floor without a request",
                sides.rate("floor").median());
        report.add(
                name.equals(OpenedRuntimes.NATIVE) ? rate.bar("at least 400/s", rate.value() >= RATE_BAR) : rate, four);
    }

    /** At half the rate of the closed loop, from the time at which each request was due. */
    private static void openRows(
            OpenedRuntimes.Opened opened, AnsweringSandbox sandboxes, double perSecond, Length length, Report report)
            throws IOException, InterruptedException {
        Samples answered = new Samples();
        Samples reaped = new Samples();
        Load.open(perSecond, Duration.ofSeconds(length.of(1, 20, 120)), due -> {
            sandboxes.serveOnce(opened.runtime(), () -> answered.add(System.nanoTime() - due));
            reaped.add(System.nanoTime() - due);
        });
        String prefix = opened.name() + "/serve-once/open";
        boolean barred = opened.name().equals(OpenedRuntimes.NATIVE);
        report.add(Row.alone(prefix + "/offered", perSecond, "/s"));
        for (var each : Map.of("answered", answered, "reaped", reaped).entrySet()) {
            report.add(Row.alone(
                    prefix + "/" + each.getKey() + "/p50", each.getValue().median(), "ms"));
            Row tail = Row.alone(
                    prefix + "/" + each.getKey() + "/p99", each.getValue().at(0.99), "ms");
            report.add(barred ? tail.bar("at most 5 ms", tail.value() <= TAIL_BAR_MILLIS) : tail);
        }
    }
}
