package dev.mayfly.pool.core;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Instances of one key that are nobody's yet. */
final class GenericPool {
    final GenericKey key;
    Demand demand = new Demand();
    final Backoff backoff;
    final Map<String, Slot> slots = new LinkedHashMap<>();

    /** How many to hold. */
    int target;

    /** How many were bound, and how often there was none. */
    long claims;

    long misses;

    /** When a release was last given to it, or wanted one. */
    Instant usedAt = Instant.MIN;

    GenericPool(GenericKey key, Duration backoffMax) {
        this.key = key;
        this.backoff = new Backoff(backoffMax);
    }

    /** One that can be bound: the oldest, so that none grows old for ever. */
    Optional<Slot> claimable() {
        return slots.values().stream()
                .filter(slot -> slot.phase == Slot.Phase.GENERIC)
                .findFirst();
    }

    int ready() {
        return (int) slots.values().stream()
                .filter(slot -> slot.phase == Slot.Phase.GENERIC)
                .count();
    }

    int living() {
        return (int) slots.values().stream().filter(slot -> !slot.going()).count();
    }

    /**
     * Sets how many to hold.
     *
     * @param least whether the minimum is held, whatever was claimed
     */
    void aim(PoolConfig.Keeping keeping, boolean least, Instant now) {
        int wanted = Math.min(keeping.genericMax(), demand.target(now));
        target = least ? Math.max(keeping.genericMin(), wanted) : wanted;
    }

    boolean lacks(Instant now) {
        return living() < target && !backoff.pauses(now);
    }

    boolean empty() {
        return slots.isEmpty() && target == 0 && backoff.clean();
    }
}
