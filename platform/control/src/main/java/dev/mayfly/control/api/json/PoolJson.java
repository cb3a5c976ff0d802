package dev.mayfly.control.api.json;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.StartKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pool of a server.
 *
 * @param instances those of releases by state
 * @param claims places given out by what the request met
 * @param memoryMib by the limits of all living instances
 * @param memoryFreeMib on the machine, where that can be told
 */
public record PoolJson(
        String server,
        Map<String, Integer> instances,
        List<Generic> generics,
        long genericClaims,
        long genericMisses,
        int starts,
        int waiting,
        Map<String, Long> claims,
        long misses,
        long memoryMib,
        @Nullable Long memoryFreeMib,
        Caps caps) {
    /** Generic instances of one kind. */
    public record Generic(String kind, int ready, int starting, int target, long refillMs, long claims, long misses) {}

    /** What is never exceeded. */
    public record Caps(
            int instances,
            int tenantInstances,
            int releaseInstances,
            int starts,
            long memoryMib,
            long tenantMemoryMib,
            long memoryReserveMib,
            int waiting,
            int genericOfKind) {}

    public static PoolJson of(PoolView pool, String server) {
        Map<String, Integer> instances = new LinkedHashMap<>();
        for (InstanceState state : InstanceState.values()) {
            if (state != InstanceState.REAPED) {
                instances.put(state.wireName(), pool.states().getOrDefault(state, 0));
            }
        }
        Map<String, Long> claims = new LinkedHashMap<>();
        for (StartKind kind : StartKind.values()) {
            claims.put(kind.wireName(), pool.claims().getOrDefault(kind, 0L));
        }
        return new PoolJson(
                server,
                instances,
                pool.generics().stream().map(PoolJson::generic).toList(),
                pool.genericClaims(),
                pool.genericMisses(),
                pool.startsUnderWay(),
                pool.waiting(),
                claims,
                pool.misses(),
                pool.memoryMib(),
                pool.memoryFreeMib().isPresent() ? pool.memoryFreeMib().getAsLong() : null,
                caps(pool));
    }

    private static Generic generic(PoolView.Generic kind) {
        return new Generic(
                kind.key(),
                kind.ready(),
                kind.starting(),
                kind.target(),
                kind.refillMillis(),
                kind.claims(),
                kind.misses());
    }

    private static Caps caps(PoolView pool) {
        PoolView.Caps caps = pool.caps();
        return new Caps(
                caps.instances(),
                caps.tenantInstances(),
                caps.releaseInstances(),
                caps.starts(),
                pool.memoryMaxMib(),
                caps.tenantMemoryMib(),
                caps.memoryReserveMib(),
                caps.waiting(),
                caps.genericOfKind());
    }
}
