package dev.mayfly.pool.core;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.PoolView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Reads the state for people and metrics. */
final class Viewer {
    private Viewer() {}

    static Map<InstanceState, Integer> states(PoolState state) {
        Map<InstanceState, Integer> states = new EnumMap<>(InstanceState.class);
        for (Slot slot : state.registry.slots()) {
            if (slot.owner().isPresent()) {
                states.merge(slot.state(), 1, Integer::sum);
            }
        }
        return states;
    }

    static PoolView view(PoolState state) {
        List<PoolView.Generic> generics = new ArrayList<>();
        for (GenericPool pool : state.pools.values()) {
            int ready = pool.ready();
            generics.add(new PoolView.Generic(
                    pool.key.toString(),
                    ready,
                    pool.living() - ready,
                    pool.target,
                    pool.demand.refill().toMillis(),
                    pool.claims,
                    pool.misses));
        }
        return new PoolView(
                states(state),
                generics,
                state.registry.all().starts,
                waiting(state),
                state.registry.all().memoryMib,
                state.config.caps().memoryMax(),
                state.claims,
                state.misses,
                state.genericClaims,
                state.genericMisses,
                state.memoryFreeMib,
                caps(state.config));
    }

    private static PoolView.Caps caps(PoolConfig config) {
        PoolConfig.Caps caps = config.caps();
        return new PoolView.Caps(
                caps.instancesMax(),
                caps.tenantInstancesMax(),
                caps.releaseInstancesMax(),
                caps.startsMax(),
                caps.tenantMemoryMax(),
                caps.memoryReserve(),
                config.waiting().queueMax(),
                config.keeping().genericMax());
    }

    static int waiting(PoolState state) {
        return state.groups.values().stream()
                .mapToInt(group -> group.waiters.size())
                .sum();
    }
}
