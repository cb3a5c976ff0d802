package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.machine.Folder;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.model.Limits;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A sandbox that answers at a steady rate while, in another tenant's, a program takes all that it can get. */
public final class Bombs implements Benchmark {
    private static final List<String> CLASSES = List.of(OpenedRuntimes.NATIVE, "runc");
    private static final int BRIEF_BOMBS = 3;
    private static final double RATIO_MAX = 1.5;

    @Override
    public String name() {
        return "bombs";
    }

    @Override
    public String about() {
        return "p95 of a sandbox that answers 100 requests a second while a bomb goes off in another tenant's";
    }

    @Override
    public int minutes(Length length) {
        return length.of(4, 20, 60);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        boolean brief = length == Length.SHORT;
        List<Bomb> bombs = chosen(report, brief ? BRIEF_BOMBS : Bomb.values().length);
        Duration time = Duration.ofMillis(length.of(200, 2_000, 4_000));
        int rounds = length.of(3, 3, 9);
        try (Folder folder = new Folder();
                OpenedRuntimes classes = OpenedRuntimes.open(folder.path, CLASSES, report)) {
            Path layer = Programs.layer(folder.path, "answer", "bombs");
            AnsweringSandbox victims = new AnsweringSandbox(folder.path, Workload.of(layer));
            Workload theirs = new Workload(layer, "bombs", Workload.UID + 1, limitsOfAnApp());
            for (OpenedRuntimes.Opened each : brief ? classes.all().subList(0, 1) : classes.all()) {
                try (AnsweringSandbox.Running victim = victims.start(each.runtime(), List.of("/bin/answer", "on"))) {
                    Neighbour neighbour = new Neighbour(victim, time);
                    neighbour.measure(); // Warms up.
                    for (Bomb bomb : bombs) {
                        measure(bomb, each, theirs, neighbour, rounds, report);
                    }
                }
                List<String> left = classes.leftoversAfterClosing(each);
                left.forEach(line -> report.note("left behind by " + each.name() + ": " + line));
                report.add(
                        Row.alone(each.name() + "/leftovers", left.size(), "").bar("none", left.isEmpty()));
            }
        }
    }

    /** Those that {@code --only} names beside the classes; without one all of them. */
    private static List<Bomb> chosen(Report report, int most) {
        List<Bomb> all = List.of(Bomb.values());
        List<Bomb> named =
                all.stream().filter(each -> report.wants(each.label())).toList();
        return (named.isEmpty() ? all : named).stream().limit(most).toList();
    }

    private static SandboxSpec.SandboxLimits limitsOfAnApp() {
        Limits limits = Limits.DEFAULTS;
        return new SandboxSpec.SandboxLimits(limits.memoryMib(), limits.cpus(), limits.pids(), limits.tmpMib());
    }

    /** Quiet and loud in turn: what else the machine does meets both. */
    private static void measure(
            Bomb bomb, OpenedRuntimes.Opened opened, Workload workload, Neighbour neighbour, int rounds, Report report)
            throws IOException, InterruptedException {
        String prefix = opened.name() + "/" + bomb.label();
        Samples quiet = new Samples();
        Samples loud = new Samples();
        Bombing last = null;
        String shown = "";
        long unanswered = neighbour.unanswered();
        for (int i = 0; i < rounds; i++) {
            quiet.figure(neighbour.measure().at(0.95));
            try (Bombing bombing = new Bombing(bomb, opened.runtime(), workload)) {
                last = bombing;
                shown = bombing.awaitWentOff();
                loud.figure(neighbour.measure().at(0.95));
            }
        }
        if (last != null) {
            String reasons = last.reasons().isEmpty() ? "contained" : String.join(", ", last.reasons());
            report.note(prefix + ": " + reasons + " ('" + shown + "'; in the last round " + last.starts()
                    + " sandboxes, " + last.lines() + " lines of output)");
        }
        Row row = Row.beside(prefix + "/p95", loud.median(), "ms", "quiet", quiet.median());
        boolean barred = opened.name().equals(OpenedRuntimes.NATIVE);
        report.add(barred ? row.bar("at most 1.5 times", row.ratio() <= RATIO_MAX) : row, loud);
        report.add(Row.alone(prefix + "/quiet-p95/least", quiet.least(), "ms"));
        report.add(Row.alone(prefix + "/quiet-p95/most", quiet.most(), "ms"));
        long failed = neighbour.unanswered() - unanswered;
        report.add(Row.alone(prefix + "/unanswered", (double) failed, "").bar("none", failed == 0));
    }
}
