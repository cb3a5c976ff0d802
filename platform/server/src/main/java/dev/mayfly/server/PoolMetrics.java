package dev.mayfly.server;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.StartKind;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * What the pool holds and has given out, for metrics. Of generic instances only sums: their kinds are as many as there are
 * versions of languages.
 */
final class PoolMetrics {
    private PoolMetrics() {}

    /** The gauges are all that holds on to what they ask. */
    static void measure(Supplier<PoolView> pool, MeterRegistry meters) {
        for (InstanceState state : InstanceState.values()) {
            if (state != InstanceState.REAPED) {
                gauge(
                        meters,
                        pool,
                        "mayfly.instances",
                        "Instances on this server",
                        view -> view.states().getOrDefault(state, 0).doubleValue(),
                        "state",
                        state.wireName());
            }
        }
        for (StartKind kind : StartKind.values()) {
            FunctionCounter.builder(
                            "mayfly.pool.claims",
                            pool,
                            each -> each.get().claims().getOrDefault(kind, 0L).doubleValue())
                    .description("Places given out, by what the request met")
                    .tag("start", kind.wireName())
                    .register(meters);
        }
        FunctionCounter.builder(
                        "mayfly.pool.misses", pool, each -> (double) each.get().misses())
                .description("Requests that met no instance with room")
                .register(meters);
        genericCounters(pool, meters);
        gauge(meters, pool, "mayfly.pool.starts", "Instances being started or bound", PoolView::startsUnderWay);
        gauge(meters, pool, "mayfly.pool.waiting", "Requests that wait for a place", PoolView::waiting);
        gauge(meters, pool, "mayfly.pool.memory.mib", "Memory by the limits of living instances", PoolView::memoryMib);
        gauge(meters, pool, "mayfly.pool.memory.max.mib", "The most that this may be", PoolView::memoryMaxMib);
        gauge(
                meters,
                pool,
                "mayfly.pool.memory.free.mib",
                "Memory that is free on the machine",
                view -> view.memoryFreeMib().isPresent() ? view.memoryFreeMib().getAsLong() : Double.NaN);
        caps(pool, meters);
        gauge(
                meters,
                pool,
                "mayfly.pool.generic.refill.max.seconds",
                "How long it takes to replace a generic instance, of the kind that takes longest",
                view -> view.generics().stream()
                                .mapToLong(PoolView.Generic::refillMillis)
                                .max()
                                .orElse(0)
                        / 1e3);
        Map<String, ToLongFunction<PoolView.Generic>> generic = Map.of(
                "ready", PoolView.Generic::ready,
                "starting", PoolView.Generic::starting,
                "target", PoolView.Generic::target);
        generic.forEach((state, count) -> gauge(
                meters,
                pool,
                "mayfly.pool.generic",
                "Instances that are nobody's yet, and how many are wanted",
                view -> view.generics().stream().mapToLong(count).sum(),
                "state",
                state));
    }

    private static void genericCounters(Supplier<PoolView> pool, MeterRegistry meters) {
        FunctionCounter.builder("mayfly.pool.generic.claims", pool, each ->
                        (double) each.get().genericClaims())
                .description("Instances made of a generic one")
                .register(meters);
        FunctionCounter.builder("mayfly.pool.generic.misses", pool, each ->
                        (double) each.get().genericMisses())
                .description("Instances made from nothing though a generic one would have done")
                .register(meters);
    }

    private static void caps(Supplier<PoolView> pool, MeterRegistry meters) {
        Map<String, ToLongFunction<PoolView.Caps>> caps = Map.of(
                "instances", PoolView.Caps::instances,
                "tenant_instances", PoolView.Caps::tenantInstances,
                "release_instances", PoolView.Caps::releaseInstances,
                "starts", PoolView.Caps::starts,
                "tenant_memory_mib", PoolView.Caps::tenantMemoryMib,
                "memory_reserve_mib", PoolView.Caps::memoryReserveMib,
                "waiting", PoolView.Caps::waiting,
                "generic_of_kind", PoolView.Caps::genericOfKind);
        caps.forEach((of, cap) -> gauge(
                meters,
                pool,
                "mayfly.pool.cap",
                "What is never exceeded",
                view -> cap.applyAsLong(view.caps()),
                "of",
                of));
    }

    private static void gauge(
            MeterRegistry meters,
            Supplier<PoolView> pool,
            String name,
            String about,
            ToDoubleFunction<PoolView> value,
            String... tags) {
        Gauge.builder(name, pool, each -> value.applyAsDouble(each.get()))
                .description(about)
                .tags(tags)
                .strongReference(true)
                .register(meters);
    }
}
