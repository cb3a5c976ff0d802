package dev.mayfly.pool.core;

import dev.mayfly.model.DeathReason;
import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gets releases the instances that they lack: a frozen one is thawed and has its requests at once, else a generic one bound, else one started.
 *
 * <p>Binds and starts are bounded, and given one at a time to the release whose tenant has the fewest of them under way, among
 * those the one that holds the fewest instances, among those the one whose turn is longest ago. A tenant that has one under way
 * leaves some to those that have none. So the storm of one makes its own requests wait, and another's claim is next.
 */
final class Supply {
    /** Why a release cannot have another instance now. */
    private enum Stop {
        NONE,
        /** Of its own number, or of starts under way: nobody's going would help. */
        OWN_CAP,
        TENANT_CAP,
        HOST_CAP
    }

    /** How long a question for an instance stands: longer than until it is asked again. */
    private static final Duration ASKED = Duration.ofSeconds(1);

    /** A bind and its first request have the machine to themselves for so long: somebody waits for them, and nobody for a replacement. */
    private static final Duration ALONE = Duration.ofMillis(50);

    private final PoolState state;
    private final Eviction eviction;
    private final Set<ReleaseGroup> hungry = new LinkedHashSet<>();
    private long turns;
    private @Nullable Slot lastBound;

    Supply(PoolState state, Eviction eviction) {
        this.state = state;
        this.eviction = eviction;
    }

    /** The release may lack instances. */
    void look(ReleaseGroup group) {
        hungry.add(group);
    }

    void forget(ReleaseGroup group) {
        hungry.remove(group);
    }

    /** Gives all that can be given now. */
    void serve(Instant now, List<Action> actions) {
        if (state.closing) {
            return;
        }
        hungry.removeIf(group -> group.lacks() == 0 && !group.asks(now));
        hungry.forEach(group -> thaw(group, actions));
        Set<ReleaseGroup> open = new LinkedHashSet<>(hungry);
        List<ReleaseGroup> blocked = new ArrayList<>();
        for (ReleaseGroup next; (next = next(open, now)) != null; ) {
            switch (stop(next)) {
                case NONE -> {
                    Slot slot = begin(next, now, actions);
                    if (next.asks(now)) {
                        slot.asked = true;
                        next.begunAsAsked = slot.id;
                        next.askedUntil = Instant.MIN;
                    }
                }
                case OWN_CAP -> open.remove(next);
                case TENANT_CAP, HOST_CAP -> {
                    open.remove(next);
                    blocked.add(next);
                }
            }
        }
        makeRoom(blocked, now, actions);
        refill(now, actions);
    }

    /**
     * An instance without a request, now or soon: what is asked for comes before all that waits, or a release whose requests take
     * every start would never be followed by another. Who asks has to ask again before it is forgotten.
     */
    Prestart prestart(ReleaseGroup group, Instant now, List<Action> actions) {
        if (group.begunAsAsked == null) {
            group.askedUntil = now.plus(ASKED);
            look(group);
            serve(now, actions);
        }
        Optional<String> begun = Optional.ofNullable(group.begunAsAsked);
        group.begunAsAsked = null;
        return new Prestart(begun, actions);
    }

    private void thaw(ReleaseGroup group, List<Action> actions) {
        while (group.lacksForWaiters() > 0) {
            Optional<Slot> frozen = group.thawable();
            if (frozen.isEmpty()) {
                return;
            }
            Slot slot = frozen.get();
            state.registry.move(slot, Slot.Phase.THAWING);
            actions.add(new Action.Thaw(slot.id));
            state.serveWaiters(group, StartKind.THAWED, actions);
        }
    }

    private @Nullable ReleaseGroup next(Set<ReleaseGroup> open, Instant now) {
        ReleaseGroup best = null;
        for (ReleaseGroup group : open) {
            boolean wants = group.asks(now) || (group.lacks() > 0 && !group.backoff.pauses(now));
            if (wants && (best == null || before(group, best, now))) {
                best = group;
            }
        }
        return best;
    }

    private boolean before(ReleaseGroup one, ReleaseGroup other, Instant now) {
        if (one.asks(now) != other.asks(now)) {
            return one.asks(now);
        }
        SlotRegistry.Holding mine = state.registry.of(one.tenant());
        SlotRegistry.Holding theirs = state.registry.of(other.tenant());
        if (mine.starts != theirs.starts) {
            return mine.starts < theirs.starts;
        }
        // What waits comes before what is made ahead.
        if (one.waiters.isEmpty() != other.waiters.isEmpty()) {
            return other.waiters.isEmpty();
        }
        return mine.instances != theirs.instances ? mine.instances < theirs.instances : one.turn < other.turn;
    }

    private Stop stop(ReleaseGroup group) {
        PoolConfig.Caps caps = state.config.caps();
        SlotRegistry.Holding all = state.registry.all();
        SlotRegistry.Holding tenant = state.registry.of(group.tenant());
        int startsLeft = caps.startsMax() - all.starts - (tenant.starts > 0 ? caps.startsReserved() : 0);
        if (group.slots.size() >= caps.releaseInstancesMax() || startsLeft <= 0) {
            return Stop.OWN_CAP;
        }
        return lackOfRoom(group, claimable(group));
    }

    /** @param generic what would be bound; null: another instance comes */
    private Stop lackOfRoom(ReleaseGroup group, @Nullable Slot generic) {
        PoolConfig.Caps caps = state.config.caps();
        SlotRegistry.Holding all = state.registry.all();
        SlotRegistry.Holding tenant = state.registry.of(group.tenant());
        int memory = group.memoryMib();
        if (tenant.instances >= caps.tenantInstancesMax() || tenant.memoryMib + memory > caps.tenantMemoryMax()) {
            return Stop.TENANT_CAP;
        }
        int more = generic == null ? memory : memory - generic.memoryMib();
        boolean full =
                (generic == null && all.instances >= caps.instancesMax()) || all.memoryMib + more > caps.memoryMax();
        return full ? Stop.HOST_CAP : Stop.NONE;
    }

    /** Takes over what a predecessor left: it costs no start, but its room. */
    void adopt(String instance, ReleaseGroup group, Instant now, List<Action> actions) {
        boolean known = state.registry.find(instance) != null;
        boolean full = group.slots.size() >= state.config.caps().releaseInstancesMax();
        if (group.servesOnce() || known || full || lackOfRoom(group, null) != Stop.NONE) {
            return;
        }
        Slot slot = Slot.adopted(instance, group, now);
        group.slots.put(slot.id, slot);
        state.registry.enter(slot);
        actions.add(new Action.Adopt(slot.id, group.release));
    }

    private @Nullable Slot claimable(ReleaseGroup group) {
        GenericPool pool = state.poolOf(group);
        return pool == null ? null : pool.claimable().orElse(null);
    }

    private Slot begin(ReleaseGroup group, Instant now, List<Action> actions) {
        group.turn = ++turns;
        state.countFork(group, now, actions);
        GenericPool pool = state.poolOf(group);
        if (pool != null) {
            pool.demand.claimed(now);
            pool.usedAt = now;
        }
        Slot generic = claimable(group);
        if (generic != null && pool != null) {
            pool.claims++;
            state.genericClaims++;
            pool.slots.remove(generic.id);
            state.registry.bind(generic, group);
            generic.begun = now;
            lastBound = generic;
            group.slots.put(generic.id, generic);
            actions.add(new Action.Bind(generic.id, group.release));
            return generic;
        }
        if (pool != null) {
            pool.misses++;
            state.genericMisses++;
        }
        Slot slot = Slot.cold(state.newId.get(), group, now);
        group.slots.put(slot.id, slot);
        state.registry.enter(slot);
        actions.add(new Action.Start(slot.id, group.release, group.generic(state.zygotes)));
        return slot;
    }

    /** For each that is blocked, one goes that may: unless as many are going already. */
    private void makeRoom(List<ReleaseGroup> blocked, Instant now, List<Action> actions) {
        int going = state.registry.reaping();
        for (ReleaseGroup group : blocked) {
            if (going > 0) {
                going--;
            } else {
                evictFor(group, now, actions);
            }
        }
    }

    private void evictFor(ReleaseGroup group, Instant now, List<Action> actions) {
        Stop stop = stop(group);
        if (stop == Stop.TENANT_CAP || stop == Stop.HOST_CAP) {
            eviction.victim(group, stop == Stop.TENANT_CAP, now)
                    .ifPresent(slot -> state.reap(slot, DeathReason.EVICTED, actions));
        }
    }

    /** Whether the last bind, or its first request, is all that is under way. */
    private boolean isAlone(Instant now) {
        Slot bound = lastBound;
        if (bound == null || !now.isBefore(bound.begun.plus(ALONE))) {
            return false;
        }
        int own = bound.phase.isStart() ? 1 : 0;
        return state.registry.all().starts == own && (own == 1 || bound.active > 0);
    }

    /** Generic instances come last: what waits has what is left of the starts first. */
    private void refill(Instant now, List<Action> actions) {
        if (isAlone(now)) {
            return; // Asked again when its request has left.
        }
        PoolConfig.Caps caps = state.config.caps();
        int memory = state.config.keeping().genericMemory();
        for (GenericPool pool : state.pools.values()) {
            while (pool.lacks(now)) {
                SlotRegistry.Holding all = state.registry.all();
                if (all.starts >= Math.max(1, caps.startsMax() - caps.startsReserved())
                        || all.instances >= caps.instancesMax()
                        || all.memoryMib + memory > caps.memoryMax()) {
                    return;
                }
                Slot slot = Slot.generic(state.newId.get(), pool.key, memory, now);
                pool.slots.put(slot.id, slot);
                state.registry.enter(slot);
                actions.add(new Action.StartGeneric(slot.id, pool.key));
            }
        }
    }
}
