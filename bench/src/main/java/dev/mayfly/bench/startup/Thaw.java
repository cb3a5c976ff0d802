package dev.mayfly.bench.startup;

import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.DisturbedException;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.AppCaller;
import dev.mayfly.bench.server.PushedFunction;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A request to a frozen instance beside the next one, and what a frozen instance takes of the processor. */
public final class Thaw implements Benchmark {
    private static final double P50_BAR_MS = 1;
    /** Its state now, not a stage of its life. */
    private static final Pattern FROZEN = Pattern.compile("\"state\"\\s*:\\s*\"frozen\"");

    private static final String WANTED = "200 thawed, 200 warm";
    private static final String KEPT = "keep-alive = \"fixed\"\n";
    private static final int TRIES = 4;
    private static final long WATCHED_MILLIS = 2_000;
    private static final int WATCHES = 3;

    /** As long as what is frozen has been idle at least. */
    private static final long IDLE_MILLIS = 300;

    @Override
    public String name() {
        return "freeze";
    }

    @Override
    public String about() {
        return "the first answer of a frozen instance, beside a warm one; the processor time of frozen instances";
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 20, 90);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        try (TestServer server = new TestServer()) {
            server.up("pool.freeze-after=200ms");
            for (PushedFunction each : PushedFunction.wanted(report, PushedFunction.PYTHON, PushedFunction.NODE)) {
                String app = "freeze-" + each.label();
                each.push(server, app, KEPT, "");
                each.push(server, app + "-not", KEPT + "warm = 1\n", "");
                measure(server, app, each.label(), length, report);
            }
        }
    }

    private static void measure(TestServer server, String app, String label, Length length, Report report)
            throws IOException, InterruptedException {
        Samples added = new Samples();
        Samples warm = new Samples();
        Samples idle = new Samples();
        int rounds = length.of(3, 100, 500);
        Map<String, Integer> others = new TreeMap<>();
        try (AppCaller caller = new AppCaller(server, app);
                AppCaller unfrozen = new AppCaller(server, app + "-not")) {
            for (int i = 0; i < rounds * TRIES && added.size() < rounds; i++) {
                awaitFrozen(server, app);
                long begin = System.nanoTime();
                AppCaller.Answer first = caller.call();
                long middle = System.nanoTime();
                AppCaller.Answer second = caller.call();
                long end = System.nanoTime();
                String met = first.status() + " " + first.start() + ", " + second.status() + " " + second.start();
                if (!first.ok() || !second.ok()) {
                    throw new IOException("answers: " + first + ", " + second);
                }
                if (!met.equals(WANTED)) {
                    others.merge(met, 1, Integer::sum); // Where the machine stands still for long it froze in between.
                    continue;
                }
                added.add(middle - begin - (end - middle));
                warm.add(end - middle);
                Thread.sleep(IDLE_MILLIS);
                idle.add(addedByIdleness(unfrozen));
            }
        }
        if (added.size() < rounds) {
            throw new DisturbedException(app + ": " + added.size() + " pairs of calls met '" + WANTED + "' (expected: "
                    + rounds + "), the others " + others);
        }
        awaitFrozen(server, app);
        long used = usedWhileWatched(server, label);
        // Generic ones come and go, and one may be made just now; what is frozen and works nevertheless does it all the
        // time.
        for (int again = 1; again < WATCHES && used > 0; again++) {
            used = usedWhileWatched(server, label);
        }
        report.add(Row.beside(label + "/added/p50", added.median(), "ms", "warm", warm.median())
                .bar("at most 1 ms", added.median() <= P50_BAR_MS));
        report.add(Row.beside(
                label + "/added/p50/thaw", added.median() - idle.median(), "ms", "as long idle", idle.median()));
        report.add(Row.beside(label + "/added/p99", added.at(0.99), "ms", "warm", warm.at(0.99)));
        report.add(
                Row.alone(label + "/frozen/processor", (double) used, "ticks").bar("none", used == 0));
    }

    /** Ticks of what is there now. */
    private static long usedWhileWatched(TestServer server, String label) throws InterruptedException {
        List<ProcessHandle> processes = new Traces(server.sandboxes()).sandboxed();
        Map<Long, Long> before = ticks(processes, label);
        Thread.sleep(WATCHED_MILLIS);
        return ticks(processes, label).entrySet().stream()
                .mapToLong(each -> each.getValue() - before.getOrDefault(each.getKey(), each.getValue()))
                .sum();
    }

    /** What the first call after a pause takes longer than the next, though nothing was frozen. */
    private static long addedByIdleness(AppCaller caller) throws IOException {
        long begin = System.nanoTime();
        AppCaller.Answer first = caller.call();
        long middle = System.nanoTime();
        AppCaller.Answer second = caller.call();
        long end = System.nanoTime();
        if (!first.start().equals("warm") || !second.start().equals("warm")) {
            throw new IOException("answers: " + first + ", " + second + " (expected: of what is always warm)");
        }
        return middle - begin - (end - middle);
    }

    private static void awaitFrozen(TestServer server, String app) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!FROZEN.matcher(server.instances(app)).find()) {
            if (System.nanoTime() - deadline > 0) {
                throw new IOException("no instance of " + app + " is frozen: " + server.instances(app));
            }
            Thread.sleep(50);
        }
    }

    /** Processor time of each of the language's processes that is there, those that wait generic among them. */
    private static Map<Long, Long> ticks(List<ProcessHandle> processes, String language) {
        Map<Long, Long> ticks = new HashMap<>();
        for (ProcessHandle each : processes) {
            Path proc = Path.of("/proc", String.valueOf(each.pid()));
            String stat = Traces.read(proc.resolve("stat"));
            if (stat.contains("(" + language)) {
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                ticks.put(each.pid(), Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
            }
        }
        return ticks;
    }
}
