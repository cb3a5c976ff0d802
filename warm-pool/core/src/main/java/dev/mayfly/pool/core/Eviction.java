package dev.mayfly.pool.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Whose idle instance goes when there is no room: the one whose memory is worth the least. An instance is worth the starts that
 * it saves for each second that it is kept, times what a start of its app costs, by the memory that it holds; what stands beside
 * another idle one of its release saves nobody a start and is worth nothing. Greedy-dual, the baseline, counts how often an app
 * was called instead; so a timer that has just fired keeps its place there, and not here.
 */
final class Eviction {
    private final PoolState state;

    Eviction(PoolState state) {
        this.state = state;
    }

    /** An idle instance and what its memory is worth. */
    private record Valued(Slot slot, double value) {}

    /**
     * An idle instance that may go for one of this release: for a request any, for what only its habit wants one that is worth
     * less.
     *
     * @param ofItsTenant only one of the same tenant helps
     */
    Optional<Slot> victim(ReleaseGroup wanting, boolean ofItsTenant, Instant now) {
        int held = state.registry.of(wanting.tenant()).instances;
        double below = wanting.urgent() ? Double.POSITIVE_INFINITY : worth(wanting, now);
        return valued(now).stream()
                .filter(each -> each.value() < below)
                .map(Valued::slot)
                .filter(slot -> slot.tenant()
                        .map(tenant -> tenant.equals(wanting.tenant())
                                // Who holds less than the one that wants more is left alone.
                                || (!ofItsTenant && state.registry.of(tenant).instances >= held))
                        .orElse(!ofItsTenant))
                .filter(slot -> slot.owner().filter(wanting::equals).isEmpty())
                .findFirst();
    }

    /** Idle instances that may go, those whose memory is worth the least first. */
    List<Slot> idle(Instant now) {
        return valued(now).stream().map(Valued::slot).toList();
    }

    private List<Valued> valued(Instant now) {
        List<Valued> found = new ArrayList<>();
        for (ReleaseGroup group : state.groups.values()) {
            List<Slot> idle = group.idleLongestFirst();
            int spared = Math.clamp(group.provisioned - (long) (group.living() - idle.size()), 0, idle.size());
            double worth = idle.isEmpty() ? 0 : worth(group, now);
            for (int i = 0; i < idle.size() - spared; i++) {
                found.add(new Valued(idle.get(i), i < idle.size() - 1 ? 0 : worth));
            }
        }
        for (GenericPool pool : state.pools.values()) {
            int ready = pool.ready();
            for (Slot slot : pool.slots.values()) {
                if (slot.phase == Slot.Phase.GENERIC) {
                    // The last one serves all apps of its kind: it goes when nothing else is left.
                    found.add(new Valued(slot, --ready > 0 ? 0 : Double.MAX_VALUE));
                }
            }
        }
        found.sort(Comparator.comparingDouble(Valued::value));
        return found;
    }

    private static double worth(ReleaseGroup group, Instant now) {
        return group.history.urgency(now)
                * Math.max(1.0, (double) group.history.startTime().toMillis())
                / group.memoryMib();
    }
}
