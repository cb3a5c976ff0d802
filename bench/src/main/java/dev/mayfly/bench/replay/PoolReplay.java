package dev.mayfly.bench.replay;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.Warmth;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.core.Action;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.pool.core.PoolCore;
import dev.mayfly.pool.core.Wanted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Supplier;

/** The pool's own core on a trace, in simulated time: the same decisions as on a server, with stated costs for what it wants done. */
public final class PoolReplay {
    private static final double TICK = 0.25;
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
    private static final GenericKey KEY = new GenericKey("all");

    /**
     * What came of it.
     *
     * @param kinds calls by what they met
     * @param refused calls that got no place
     * @param waits of each call, in milliseconds, ascending
     * @param idleSeconds of instances that are not in use, generic ones aside
     * @param genericSeconds of generic instances
     */
    public record Result(
            Map<StartKind, Integer> kinds, int refused, List<Double> waits, double idleSeconds, double genericSeconds) {
        public Result {
            kinds = Map.copyOf(kinds);
            waits = List.copyOf(waits);
        }

        public double share(StartKind kind) {
            return (double) kinds.getOrDefault(kind, 0) / waits.size();
        }

        public double waitAt(double quantile) {
            return waits.get((int) Math.round(quantile * (waits.size() - 1)));
        }
    }

    private record Event(double at, long number, Supplier<List<Action>> happens) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Double.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final Trace trace;
    private final Costs costs;
    private final PoolCore core;
    private final List<Wanted> releases = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<Long, Double> waiting = new HashMap<>();
    private final Map<String, Double> since = new HashMap<>();
    private final Map<StartKind, Integer> kinds = new EnumMap<>(StartKind.class);
    private final List<Double> waits = new ArrayList<>();
    private final Set<String> genericOnes = new HashSet<>();
    private double now;
    private double bound;
    private double generic;
    private int refused;
    private long ids;
    private long numbers;

    private PoolReplay(Trace trace, Isolation isolation, boolean generics, Costs costs) {
        this.trace = trace;
        this.costs = costs;
        PoolConfig.Caps d = PoolConfig.Caps.DEFAULTS;
        PoolConfig roomy = new PoolConfig(
                new PoolConfig.Caps(5_000, 5_000, 1_000, 64, 100_000_000, 100_000_000, d.memoryReserve()),
                PoolConfig.Waiting.DEFAULTS,
                PoolConfig.Keeping.DEFAULTS);
        this.core = new PoolCore(roomy, () -> "i" + ++ids);
        for (int i = 0; i < trace.functions().size(); i++) {
            releases.add(release(i, trace.functions().get(i).memoryMib(), isolation, generics));
        }
    }

    /** @param generics whether instances are bound late */
    public static Result run(Trace trace, Isolation isolation, boolean generics, Costs costs) {
        return new PoolReplay(trace, isolation, generics, costs).run();
    }

    private static Wanted release(int number, int memoryMib, Isolation isolation, boolean generics) {
        Limits d = Limits.DEFAULTS;
        Limits limits = new Limits(
                Math.max(16, memoryMib),
                d.cpus(),
                d.pids(),
                d.tmpMib(),
                1,
                d.startTimeout(),
                d.idleTimeout(),
                d.requestTimeout());
        AppSpec spec = new AppSpec(
                AppKind.FUNCTION,
                EgressPolicy.OPEN,
                limits,
                Optional.empty(),
                Optional.empty(),
                isolation,
                Warmth.DEFAULTS);
        ReleaseToRun release = new ReleaseToRun(
                new ReleaseRef(AppRef.of("t", "f" + number), 1),
                "sha256:" + number,
                new ProcessSpec(List.of("/f"), Map.of(), "/"),
                Map.of(),
                spec);
        return new Wanted(release, generics ? Optional.of(KEY) : Optional.empty());
    }

    private Result run() {
        releases.forEach(release -> at(0, () -> core.expect(release, instant())));
        for (double tick = TICK; tick < trace.seconds(); tick += TICK) {
            at(tick, () -> core.tick(instant()));
        }
        long ticket = 0;
        for (Trace.Call call : trace.inOrder()) {
            long mine = ++ticket;
            at(call.at(), () -> {
                waiting.put(mine, now);
                return core.acquire(mine, releases.get(call.function()), instant());
            });
        }
        while (!events.isEmpty() && events.peek().at() < trace.seconds()) {
            Event event = events.remove();
            now = event.at();
            apply(event.happens().get());
        }
        now = trace.seconds();
        since.forEach((id, from) -> count(id, from));
        waits.sort(null);
        return new Result(kinds, refused, waits, bound - waits.size() * costs.run(), generic);
    }

    private void at(double when, Supplier<List<Action>> happens) {
        events.add(new Event(when, ++numbers, happens));
    }

    private Instant instant() {
        return BEGIN.plusNanos(Math.round(now * 1e9));
    }

    private void apply(List<Action> actions) {
        for (Action action : actions) {
            switch (action) {
                case Action.Start start -> begin(start.instance(), costs.cold());
                case Action.Adopt adopt -> throw new IllegalStateException("nobody left " + adopt.instance());
                case Action.StartGeneric start -> {
                    genericOnes.add(start.instance());
                    begin(start.instance(), costs.cold());
                }
                case Action.Bind bind -> {
                    Double from = since.remove(bind.instance());
                    count(bind.instance(), from == null ? now : from);
                    genericOnes.remove(bind.instance());
                    begin(bind.instance(), costs.bind());
                }
                case Action.Freeze freeze -> at(now + costs.thaw(), () -> core.frozen(freeze.instance(), instant()));
                case Action.Thaw thaw -> at(now + costs.thaw(), () -> core.thawed(thaw.instance(), instant()));
                case Action.Grant grant -> {
                    Double from = waiting.remove(grant.ticket());
                    // It is granted while it is thawed.
                    double begins = now + (grant.kind() == StartKind.THAWED ? costs.thaw() : 0);
                    waits.add(from == null ? 0 : (begins - from) * 1e3);
                    kinds.merge(grant.kind(), 1, Integer::sum);
                    at(begins + costs.run(), () -> core.released(grant.instance(), false, instant()));
                }
                case Action.Refuse _, Action.FailStart _ -> refused++;
                case Action.RetireZygote _ -> {} // Of none: no release asks for one.
                case Action.Reap reap ->
                    at(now + costs.reap(), () -> {
                        Double from = since.remove(reap.instance());
                        if (from != null) {
                            count(reap.instance(), from);
                        }
                        genericOnes.remove(reap.instance());
                        return core.reaped(reap.instance(), instant());
                    });
            }
        }
    }

    private void begin(String instance, double takes) {
        at(now + takes, () -> {
            since.put(instance, now);
            return core.started(instance, instant());
        });
    }

    private void count(String instance, double from) {
        if (genericOnes.contains(instance)) {
            generic += now - from;
        } else {
            bound += now - from;
        }
    }
}
