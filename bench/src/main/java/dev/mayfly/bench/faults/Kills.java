package dev.mayfly.bench.faults;

import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.SmallApp;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * {@code kill -9} of the server, its launcher and instances at random moments, while people use an app. What is lost may
 * only be the calls that the killed one had in hand; nothing unknown may stay on the machine.
 */
public final class Kills implements Benchmark {
    private static final Duration GONE_LIMIT = Duration.ofSeconds(60);
    private static final Duration SERVED_LIMIT = Duration.ofSeconds(60);
    private static final double SERVED_BAR_SECONDS = 5;
    /** Until the death of an instance has been noticed, calls to it fail as those that it had in hand. */
    private static final long NOTICED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final int DELAY_MILLIS_MAX = 300;
    private static final Duration WATCH = Duration.ofMillis(400);

    /** What the kills of one kind did. */
    private static final class Damage {
        final Samples servedAgainSeconds = new Samples();
        final Samples startSeconds = new Samples();
        final Samples unknownGoneSeconds = new Samples();
        int inHand;
        int later;
    }

    @Override
    public String name() {
        return "kills";
    }

    @Override
    public String about() {
        return "kill -9 of server, launcher and instances at random moments under traffic: what is lost, what is left";
    }

    @Override
    public int minutes(Length length) {
        return length.of(2, 30, 150);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        int each = length.of(3, 200, 1_000);
        Random random = report.random();
        try (TestServer server = new TestServer()) {
            server.up();
            server.down(); // Writes the archive of classes that later starts use: only a start like those counts.
            server.up();
            Traces traces = new Traces(server.sandboxes());
            server.app("kills", SmallApp.files("2s"));
            Map<String, Integer> before = quiet(server, traces, Map.of());
            List<Victims> order = order(server, traces, each, random, report);
            Map<Victims, Damage> damages = new EnumMap<>(Victims.class);
            try (Traffic traffic = new Traffic(server.request("kills", "/"))) {
                for (Victims victim : order) {
                    Damage damage = damages.computeIfAbsent(victim, _ -> new Damage());
                    kill(victim, server, traces, traffic, random, damage);
                }
            }
            damages.forEach((victim, damage) -> rows(victim, damage, report));
            Map<String, Integer> after = quiet(server, traces, before);
            List<String> left = new ArrayList<>();
            after.forEach((what, count) -> {
                if (count > before.getOrDefault(what, 0)) {
                    left.add(count + " " + what + " (before: " + before.getOrDefault(what, 0) + ")");
                }
            });
            if (!left.isEmpty()) {
                left.addAll(traces.all());
            }
            server.down();
            left.addAll(traces.afterAtMost(GONE_LIMIT));
            left.forEach(line -> report.note("left behind: " + line));
            report.add(Row.alone("kills/leftovers", left.size(), "").bar("none", left.isEmpty()));
        }
    }

    /** All of them, shuffled. */
    private static List<Victims> order(TestServer server, Traces traces, int each, Random random, Report report)
            throws IOException {
        List<Victims> order = new ArrayList<>();
        for (Victims victim : Victims.values()) {
            if (!report.wants(victim.label())) {
                continue;
            }
            if (victim == Victims.LAUNCHER && victim.candidates(server, traces).isEmpty()) {
                report.note("kills of the launcher are not measured: this server's runtime class has none");
                continue;
            }
            order.addAll(Collections.nCopies(each, victim));
        }
        Collections.shuffle(order, random);
        return order;
    }

    private static void kill(
            Victims victim, TestServer server, Traces traces, Traffic traffic, Random random, Damage damage)
            throws IOException, InterruptedException {
        traffic.servedAfter(System.nanoTime(), SERVED_LIMIT);
        Thread.sleep(random.nextInt(DELAY_MILLIS_MAX)); // The moment is what is random here.
        traffic.forget();
        long moment = System.nanoTime();
        if (!victim.kill(server, traces, random)) {
            throw new IOException("nobody to kill: " + victim.label() + " (expected: the app has an instance)");
        }
        long gone = System.nanoTime(); // Who was served before that tells nothing.
        if (victim == Victims.SERVER) {
            // As whatever watches over services would.
            damage.startSeconds.figure(server.up() / 1e9);
        }
        Traffic.Call served = traffic.servedAfter(gone, SERVED_LIMIT);
        damage.servedAgainSeconds.figure((served.end() - moment) / 1e9);
        damage.unknownGoneSeconds.figure(untilKnown(server, traces, moment));
        if (victim != Victims.SERVER) {
            Thread.sleep(WATCH); // What follows a kill late is to be seen, too.
        }
        for (Traffic.Call call : traffic.failures()) {
            if (victim == Victims.SERVER ? call.begin() - served.end() > 0 : call.begin() - moment > NOTICED_NANOS) {
                damage.later++;
            } else {
                damage.inHand++;
            }
        }
    }

    /** Seconds since a moment until no more sandboxes run than the server knows; the limit and one if that never comes. */
    private static double untilKnown(TestServer server, Traces traces, long moment)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + GONE_LIMIT.toNanos();
        while (traces.running() > server.live("kills")) {
            if (System.nanoTime() - deadline > 0) {
                return GONE_LIMIT.toSeconds() + 1.0;
            }
            Thread.sleep(100);
        }
        return (System.nanoTime() - moment) / 1e9;
    }

    private static void rows(Victims victim, Damage damage, Report report) {
        String prefix = "kills/" + victim.label();
        report.add(Row.alone(prefix + "/count", damage.servedAgainSeconds.size(), ""));
        Row served = Row.alone(prefix + "/served-again/most", damage.servedAgainSeconds.most(), "s");
        report.add(Row.alone(prefix + "/served-again", damage.servedAgainSeconds.median(), "s"));
        report.add(served.bar("at most 5 s", served.value() <= SERVED_BAR_SECONDS));
        if (damage.startSeconds.size() > 0) {
            report.add(Row.alone(prefix + "/of-it-start", damage.startSeconds.median(), "s"));
        }
        Row gone = Row.alone(prefix + "/unknown-gone/most", damage.unknownGoneSeconds.most(), "s");
        report.add(gone.bar("at most 60 s", gone.value() <= GONE_LIMIT.toSeconds()));
        report.add(Row.alone(prefix + "/calls-lost-in-hand", damage.inHand, ""));
        report.add(Row.alone(prefix + "/calls-lost-later", damage.later, "").bar("none", damage.later == 0));
    }

    /** Counts of what the machine shows when no instance runs, as soon as none is above a limit, or after a minute. */
    private static Map<String, Integer> quiet(TestServer server, Traces traces, Map<String, Integer> limit)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + GONE_LIMIT.toNanos();
        while (true) {
            Map<String, Integer> counts = new TreeMap<>(Map.of(
                    "sandboxes", (int) traces.running() + server.live("kills"),
                    "processes", traces.processes().size(),
                    "cgroups", traces.cgroups().size(),
                    "mounts", traces.mounts().size(),
                    "links", traces.links().size()));
            boolean settled = limit.isEmpty()
                    ? counts.getOrDefault("sandboxes", 0) == 0
                    : counts.entrySet().stream()
                            .allMatch(each -> each.getValue() <= limit.getOrDefault(each.getKey(), 0));
            if (settled || System.nanoTime() - deadline > 0) {
                return counts;
            }
            Thread.sleep(200);
        }
    }
}
