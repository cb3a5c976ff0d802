package dev.mayfly.pool.core;

import dev.mayfly.model.DeathReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What time alone decides: how many instances of whom are to be ready without a request, which idle ones are frozen, and which
 * go.
 */
final class Upkeep {
    /** What stands idle beside another idle one of its release, or beyond what is to be ready, goes after this time. */
    static final Duration SURPLUS_IDLE = Duration.ofMinutes(1);

    /** An instance that lives this long after it became ready has shown that its release can run. */
    private static final Duration PROVEN = Duration.ofSeconds(10);

    /** Of all instances, those that are held for kinds of which nothing is claimed are at most one in so many. */
    private static final int GENERIC_SHARE = 4;

    /** Cron has minutes, so windows are looked at once in one. */
    private static final long WINDOW_SECONDS = 60;

    private final PoolState state;
    private long windowsSeen = Long.MIN_VALUE;

    Upkeep(PoolState state) {
        this.state = state;
    }

    /** Aims all of them anew, and says what goes and what freezes. */
    void tick(Instant now, List<Action> actions) {
        long window = Math.floorDiv(now.getEpochSecond(), WINDOW_SECONDS);
        boolean windows = window != windowsSeen;
        windowsSeen = window;
        Set<GenericKey> used = new HashSet<>();
        for (ReleaseGroup group : state.groups.values()) {
            if (windows) {
                group.provisioned = provisioned(group, now);
            }
            aim(group, now);
            if (group.expected) {
                group.generic(state.zygotes).ifPresent(used::add);
            }
            reapIdle(group, now, actions);
            freeze(group, now, actions);
            prove(group, now);
        }
        int each = state.config.keeping().genericMin();
        int room = Math.max(each, state.config.caps().instancesMax() / GENERIC_SHARE);
        for (GenericPool pool : usedLastFirst()) {
            boolean least = used.contains(pool.key) && room >= each;
            room -= least ? each : 0;
            pool.aim(state.config.keeping(), least, now);
            pool.backoff.forgive(now);
            reapSurplus(pool, now, actions);
        }
        state.zygotes.forget(now);
        state.pools.values().removeIf(pool -> pool.empty() && !used.contains(pool.key));
    }

    private List<GenericPool> usedLastFirst() {
        return state.pools.values().stream()
                .sorted(Comparator.comparing((GenericPool pool) -> pool.usedAt).reversed())
                .toList();
    }

    /** The release is served from now on, or no more. */
    void expect(ReleaseGroup group, boolean expected, Instant now) {
        group.expected = expected;
        group.provisioned = provisioned(group, now);
        aim(group, now);
        if (expected) {
            group.generic(state.zygotes).map(state::pool).ifPresent(pool -> {
                pool.usedAt = now;
                pool.aim(state.config.keeping(), true, now);
            });
        }
    }

    private static int provisioned(ReleaseGroup group, Instant now) {
        return group.expected ? group.release.spec().warmth().warmAt(now) : 0;
    }

    private void aim(ReleaseGroup group, Instant now) {
        int ahead = group.provisioned;
        if (group.expected && loaded(group, now)) {
            int more =
                    group.servesOnce() ? Math.min(state.config.keeping().preparedMax(), group.demand.target(now)) : 1;
            ahead = Math.max(ahead, Math.max(1, more));
        }
        group.ahead = ahead;
    }

    /** Whether one is to be ready. What comes by habit is so before it comes: by the time that a start takes. */
    private boolean loaded(ReleaseGroup group, Instant now) {
        AppHistory history = group.history;
        if (fixed(group)) {
            return group.inUse() || (group.servesOnce() && history.idleFor(now).compareTo(group.idleTimeout()) < 0);
        }
        Duration saves = group.saves();
        if (group.inUse()) { // What is used once is none for the next one.
            return !group.servesOnce() || history.loadedNext(saves);
        }
        return history.loadedAt(now, saves) || history.loadedAt(now.plus(history.startTime()), saves);
    }

    private boolean fixed(ReleaseGroup group) {
        return group.fixed() || state.config.keeping().keepAlive() == PoolConfig.Keeping.Kind.FIXED;
    }

    private void reapIdle(ReleaseGroup group, Instant now, List<Action> actions) {
        List<Slot> idle = group.idleLongestFirst();
        int spare = (group.servesOnce() ? idle.size() : group.living()) - group.ahead;
        for (Slot slot : idle.subList(0, Math.clamp(spare, 0, idle.size()))) {
            if (slot.idleFor(now).compareTo(idleLimit(group, slot)) >= 0) {
                state.reap(slot, DeathReason.IDLE, actions);
            }
        }
    }

    /** How long an instance may be idle that is not among those to be ready. */
    private Duration idleLimit(ReleaseGroup group, Slot slot) {
        if (fixed(group) || !group.expected) {
            return group.idleTimeout();
        }
        // Without a request in any of them, the habit has spoken already; who has just deployed will look at it.
        return group.inUse() || (slot.asked && slot.granted == 0) ? SURPLUS_IDLE : Duration.ZERO;
    }

    private void freeze(ReleaseGroup group, Instant now, List<Action> actions) {
        if (!group.freezes || group.servesOnce()) {
            return;
        }
        List<Slot> idle = group.idleLongestFirst();
        for (int i = 0; i < idle.size() - group.provisioned; i++) {
            Slot slot = idle.get(i);
            if (slot.phase == Slot.Phase.READY
                    && slot.idleFor(now).compareTo(state.config.keeping().freezeAfter()) >= 0) {
                state.registry.move(slot, Slot.Phase.FREEZING);
                actions.add(new Action.Freeze(slot.id));
            }
        }
    }

    private static void prove(ReleaseGroup group, Instant now) {
        for (Slot slot : group.slots.values()) {
            if (slot.readyAt != null
                    && !slot.going()
                    && slot.readyAt.plus(PROVEN).isBefore(now)) {
                group.backoff.worked();
            }
        }
        group.backoff.forgive(now);
    }

    private void reapSurplus(GenericPool pool, Instant now, List<Action> actions) {
        int surplus = pool.living() - pool.target;
        for (Slot slot : List.copyOf(pool.slots.values())) {
            if (surplus > 0
                    && slot.phase == Slot.Phase.GENERIC
                    && slot.idleFor(now).compareTo(SURPLUS_IDLE) >= 0) {
                state.reap(slot, DeathReason.SURPLUS, actions);
                surplus--;
            }
        }
    }
}
