package dev.mayfly.pool.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Whose idle instance goes when there is no room: the one whose memory is worth the least. An instance is worth how likely its
 * app is called now, times what a start of it costs, by the memory that it holds; what stands beside another idle one of its
 * release saves nobody a start and is worth nothing. Greedy-dual, the baseline, takes how often the app was called for how
 * likely it is; so a timer that has just fired keeps its place there, and not here.
 */
final class Eviction {
    private final PoolState state;

    Eviction(PoolState state) {
        this.state = state;
    }

    /**
     * An idle instance that may go for one of this release.
     *
     * @param ofItsTenant only one of the same tenant helps
     */
    Optional<Slot> victim(ReleaseGroup wanting, boolean ofItsTenant, Instant now) {
        int held = state.books.of(wanting.tenant()).instances;
        return idle(now).stream()
                .filter(slot -> slot.tenant()
                        .map(tenant -> tenant.equals(wanting.tenant())
                                // Who holds less than the one that wants more is left alone.
                                || (!ofItsTenant && state.books.of(tenant).instances >= held))
                        .orElse(!ofItsTenant))
                .filter(slot -> slot.owner().filter(wanting::equals).isEmpty())
                .findFirst();
    }

    /** Idle instances that may go, those whose memory is worth the least first. */
    List<Slot> idle(Instant now) {
        record Valued(Slot slot, double value) {}
        List<Valued> found = new ArrayList<>();
        for (ReleaseGroup group : state.groups.values()) {
            List<Slot> idle = group.idleLongestFirst();
            int spared = Math.max(0, Math.min(idle.size(), group.provisioned - (group.living() - idle.size())));
            double worth = group.history.urgency(now)
                    * Math.max(1, group.history.startTime().toMillis())
                    / group.memoryMib();
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
        return found.stream().map(Valued::slot).toList();
    }
}
