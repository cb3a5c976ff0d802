package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.load.Sides;
import dev.mayfly.bench.machine.Folder;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.peers.BareProgram;
import dev.mayfly.bench.peers.Floor;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A sandbox around a program that does nothing: made, run, reaped. */
public final class CreateRunReap implements Benchmark {
    private static final int AT_ONCE = 4;
    private static final Duration PAUSE = Duration.ofMillis(20);

    @Override
    public String name() {
        return "sandbox";
    }

    @Override
    public String about() {
        return "create, run a program that does nothing, reap: every runtime class, and bare crun and runc, beside the"
                + " floor";
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 6, 30);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Duration time = Duration.ofMillis(length.of(200, 1_000, 3_000));
        int paused = length.of(5, 50, 200);
        List<BareProgram> bare = new ArrayList<>();
        try (Folder folder = new Folder();
                OpenedRuntimes classes = OpenedRuntimes.open(folder.path, report)) {
            Path layer = Programs.layer(folder.path, "noop");
            Floor floor = new Floor(folder.path, layer);
            Workload workload = Workload.of(layer);
            Sides sides = new Sides();
            sides.add("floor/bare", () -> floor.bare(time));
            sides.add("floor/1", () -> floor.closed(1, time));
            sides.add("floor/4", () -> floor.closed(AT_ONCE, time));
            sides.add("floor/paused", () -> floor.paused(paused, PAUSE));
            for (OpenedRuntimes.Opened each : classes.all()) {
                Load.Step step = () -> Cycle.run(each.runtime(), workload.spec(List.of("/bin/noop")));
                step.run(); // What is made once for an image is not the question here.
                sides.add(each.name() + "/1", () -> Load.closed(1, time, step));
                sides.add(each.name() + "/4", () -> Load.closed(AT_ONCE, time, step));
                sides.add(each.name() + "/paused", () -> Load.paused(paused, PAUSE, step));
            }
            for (String name : List.of("crun", "runc")) {
                BareProgram.open(name, folder.path, layer, report).ifPresent(bare::add);
            }
            for (BareProgram each : bare) {
                sides.add(each.name() + "/1", () -> Load.closed(1, time, each::run));
                sides.add(each.name() + "/4", () -> Load.closed(AT_ONCE, time, each::run));
            }
            sides.measure(length.rounds());
            report.add(Row.alone("floor/bare/rate", sides.rate("floor/bare").median(), "/s"), sides.rate("floor/bare"));
            report.add(Row.alone("floor/1/rate", sides.rate("floor/1").median(), "/s"), sides.rate("floor/1"));
            report.add(Row.alone("floor/4/rate", sides.rate("floor/4").median(), "/s"), sides.rate("floor/4"));
            for (OpenedRuntimes.Opened each : classes.all()) {
                rows(each.name(), sides, report);
            }
            for (BareProgram each : bare) {
                Samples time1 = sides.median(each.name() + "/1");
                double floor1 = sides.median("floor/1").median();
                report.add(Row.beside(each.name() + "/create-run-reap", time1.median(), "ms", "floor", floor1), time1);
            }
            if (classes.has(OpenedRuntimes.NATIVE)) {
                Stream.of("crun", "runc").filter(classes::has).forEach(peer -> beside(peer, sides, report));
                bare.forEach(each -> beside(each.name(), sides, report));
            }
        } finally {
            bare.forEach(BareProgram::close);
        }
    }

    private static void rows(String name, Sides sides, Report report) {
        boolean barred = name.equals(OpenedRuntimes.NATIVE);
        Row time = Row.beside(
                name + "/create-run-reap",
                sides.median(name + "/1").median(),
                "ms",
                "floor",
                sides.median("floor/1").median());
        report.add(
                barred ? time.bar("at most 1.3 times the floor", time.ratio() <= 1.3) : time,
                sides.median(name + "/1"));
        for (String workers : List.of("1", "4")) {
            Samples rates = sides.rate(name + "/" + workers);
            Row rate = Row.beside(
                    name + "/" + workers + "/rate",
                    rates.median(),
                    "/s",
                    "floor",
                    sides.rate("floor/" + workers).median());
            report.add(barred ? rate.bar("at least 500/s", rate.value() >= 500) : rate, rates);
        }
        report.add(Row.beside(
                name + "/paused/p50",
                sides.median(name + "/paused").median(),
                "ms",
                "floor",
                sides.median("floor/paused").median()));
        report.add(Row.beside(
                name + "/paused/p99",
                sides.tail(name + "/paused").median(),
                "ms",
                "floor",
                sides.tail("floor/paused").median()));
    }

    private static void beside(String peer, Sides sides, Report report) {
        for (String workers : List.of("1", "4")) {
            Row row = Row.beside(
                    "native/" + workers + "/rate-beside-" + peer,
                    sides.rate("native/" + workers).median(),
                    "/s",
                    peer,
                    sides.rate(peer + "/" + workers).median());
            report.add(peer.endsWith("crun") ? row.bar("at least 5 times crun", row.ratio() >= 5) : row);
        }
    }
}
