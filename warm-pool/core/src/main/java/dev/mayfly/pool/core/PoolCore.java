package dev.mayfly.pool.core;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.Blame;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.core.keep.FixedKeepAlive;
import dev.mayfly.pool.core.keep.HistogramKeepAlive;
import dev.mayfly.pool.core.keep.KeepAlive;
import dev.mayfly.pool.core.keep.LearnedKeepAlive;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Decides about instances: what happened and the time go in, actions come out. It does no I/O, knows no thread and is owned
 * by one at a time.
 *
 * <p>What always holds: a ticket is answered exactly once; an instance never has more requests than its concurrency, and with
 * isolation "request" never a second one; an instance is bound once; nothing is granted that stands still, unless it is thawed in
 * the same breath; caps are never exceeded; a request that waits has a start under way, an instance that is busy, or a deadline.
 */
public final class PoolCore {
    private static final Duration HISTOGRAM_RANGE = Duration.ofHours(4);
    private static final Duration HISTOGRAM_FALLBACK = Duration.ofMinutes(10);

    /** An instance that ends by itself sooner than this after it became ready has not worked. */
    private static final Duration WORKED = Duration.ofSeconds(10);

    /** Idle instances that go at once when the machine's memory is short: what they free shows only afterwards. */
    private static final int PRESSED_MAX = 4;

    private final PoolState state;
    private final Eviction eviction;
    private final Supply supply;
    private final Upkeep upkeep;
    private final Queues queues;

    /** @param newId makes ids of instances */
    public PoolCore(PoolConfig config, Supplier<String> newId) {
        this.state = new PoolState(config, keepAlive(config.keeping()), newId);
        this.eviction = new Eviction(state);
        this.supply = new Supply(state, eviction);
        this.upkeep = new Upkeep(state);
        this.queues = new Queues(state);
    }

    private static KeepAlive keepAlive(PoolConfig.Keeping keeping) {
        return switch (keeping.keepAlive()) {
            case LEARNED -> new LearnedKeepAlive(keeping.coldWorth());
            case HISTOGRAM -> new HistogramKeepAlive(HISTOGRAM_RANGE, HISTOGRAM_FALLBACK);
            // Each release has a time of its own; this one only orders apps when memory is short.
            case FIXED -> new FixedKeepAlive(HISTOGRAM_FALLBACK);
        };
    }

    /** A request wants a place in an instance of the release. The ticket comes back in the answer. */
    public List<Action> acquire(long ticket, Wanted wanted, Instant now) {
        List<Action> actions = new ArrayList<>(1);
        if (state.closing) {
            actions.add(
                    new Action.Refuse(ticket, ErrorCode.SHUTTING_DOWN, "this server is stopping", Queues.RETRY_AFTER));
            return actions;
        }
        ReleaseGroup group = group(wanted, actions);
        group.history.busy(now);
        if (group.servesOnce()) {
            group.demand.claimed(now);
        }
        Optional<Slot> room = group.waiters.isEmpty() ? group.roomiest() : Optional.empty();
        if (room.isPresent()) {
            state.grant(ticket, room.get(), group.servesOnce() ? StartKind.FRESH : StartKind.WARM, actions);
            if (group.servesOnce()) {
                serve(group, now, actions); // Its replacement is prepared now, not when it is gone.
            }
            return actions;
        }
        if (queues.refusesAt(group, ticket, now, actions)) {
            noteIdle(group, now);
            return actions;
        }
        state.misses++;
        group.waiters.add(new ReleaseGroup.Waiter(ticket, now));
        serve(group, now, actions);
        queues.refuseIfHopeless(group, actions);
        return actions;
    }

    /** A waiter has gone: its place in the queue is free. A grant that crossed this is ended as a lease. */
    public void abandon(long ticket, ReleaseRef release, Instant now) {
        ReleaseGroup group = state.groups.get(release);
        if (group != null) {
            group.waiters.removeIf(waiter -> waiter.ticket() == ticket);
            noteIdle(group, now);
        }
    }

    /** Asks for an instance without a request: for a deploy. To be asked again, several times a second, until there is one. */
    public Prestart prestart(Wanted wanted, Instant now) {
        List<Action> actions = new ArrayList<>();
        return state.closing
                ? new Prestart(Optional.empty(), actions)
                : supply.prestart(group(wanted, actions), now, actions);
    }

    /**
     * These instances of the release were left running by a predecessor of this pool. They become its own as far as the caps have
     * room; with isolation "request" none does, as it may have served.
     */
    public List<Action> adopt(List<String> instances, Wanted wanted, Instant now) {
        List<Action> actions = new ArrayList<>();
        if (!state.closing) {
            ReleaseGroup group = group(wanted, actions);
            instances.forEach(id -> supply.adopt(id, group, now, actions));
            forgetIfEmpty(group, actions);
        }
        return actions;
    }

    /** Why the release can never have an instance here; empty: it can. */
    public Optional<String> refusal(ReleaseToRun release) {
        return state.config.caps().beyond(release.spec().limits().memoryMib());
    }

    /** Hosts lead to this release from now on, and to no other of its app. */
    public List<Action> expect(Wanted wanted, Instant now) {
        List<Action> actions = new ArrayList<>();
        if (state.closing) {
            return actions;
        }
        ReleaseGroup group = group(wanted, actions);
        boolean news = !group.expected;
        for (ReleaseGroup each : state.groupsOf(group.release.release().app())) {
            upkeep.expect(each, each.equals(group), now);
        }
        if (news && !group.slots.isEmpty() && !group.inUse()) {
            group.history.deployed(now);
        }
        serve(group, now, actions);
        return actions;
    }

    /** The instance is ready: started, bound, or generic. Unknown ids are ignored: it was reaped meanwhile. */
    public List<Action> started(String instance, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot == null || !slot.becomesReady()) {
            return actions;
        }
        Duration took = Duration.between(slot.begun, now);
        slot.idleSince = now;
        if (slot.owner().isEmpty()) {
            GenericPool pool = state.pool(slot.keyOfGeneric());
            pool.demand.refilled(took);
            pool.backoff.worked();
            state.registry.move(slot, Slot.Phase.GENERIC);
            supply.serve(now, actions);
            return actions;
        }
        ReleaseGroup group = slot.bound();
        if (slot.phase.isStart()) {
            group.history.startTook(took);
            group.demand.refilled(took);
        }
        slot.readyAt = now;
        ready(slot, slot.kind, now, actions);
        return actions;
    }

    /** The instance did not become ready. Everybody who waits is told, unless another instance can take them. */
    public List<Action> startFailed(String instance, ErrorCode code, String detail, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot == null || slot.phase == Slot.Phase.REAPING) {
            return actions;
        }
        boolean adopted = slot.phase == Slot.Phase.ADOPTING;
        state.reap(slot, adopted ? DeathReason.NOT_ADOPTED : DeathReason.START_FAILED, actions);
        if (slot.owner().isEmpty()) {
            state.pool(slot.keyOfGeneric()).backoff.failed(now, code, detail);
            supply.serve(now, actions);
            return actions;
        }
        ReleaseGroup group = slot.bound();
        if (adopted) { // That says nothing of its release: whoever waits gets another one.
            serve(group, now, actions);
            return actions;
        }
        group.backoff.failed(now, code, detail);
        if (group.count(other -> !other.going()) == 0) {
            for (ReleaseGroup.Waiter waiter; (waiter = group.waiters.poll()) != null; ) {
                actions.add(new Action.FailStart(waiter.ticket(), instance, slot.kind, code, detail));
            }
            noteIdle(group, now);
        }
        serve(group, now, actions);
        return actions;
    }

    /** A request has left the instance. {@code broken}: it must not serve again. */
    public List<Action> released(String instance, boolean broken, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot == null) {
            return actions;
        }
        ReleaseGroup group = slot.bound();
        slot.active--;
        slot.served++;
        slot.idleSince = now;
        if (!broken) {
            group.backoff.worked();
        }
        if (group.servesOnce()) {
            state.drain(slot, broken ? DeathReason.CRASH : DeathReason.SERVED, actions);
        } else if (broken && slot.runs()) {
            state.drain(slot, DeathReason.CRASH, actions);
        } else if (slot.phase == Slot.Phase.DRAINING && slot.active == 0) {
            state.reap(slot, slot.reason(), actions);
        }
        state.serveWaiters(group, StartKind.WARM, actions);
        noteIdle(group, now);
        serve(group, now, actions);
        return actions;
    }

    /** The instance stands still. */
    public List<Action> frozen(String instance, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot != null && slot.phase == Slot.Phase.FREEZING) {
            state.registry.move(slot, Slot.Phase.FROZEN);
            serve(slot.bound(), now, actions); // Whoever came meanwhile waits for it.
        }
        return actions;
    }

    /** The instance runs on: its runtime class cannot stop it. */
    public List<Action> freezeFailed(String instance, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot != null && slot.phase == Slot.Phase.FREEZING) {
            slot.bound().freezes = false;
            ready(slot, StartKind.WARM, now, actions);
        }
        return actions;
    }

    /** The instance runs again. */
    public List<Action> thawed(String instance, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot != null && slot.phase == Slot.Phase.THAWING) {
            ready(slot, StartKind.WARM, now, actions);
        }
        return actions;
    }

    /** The instance cannot be brought back. */
    public List<Action> thawFailed(String instance, Instant now) {
        return lost(instance, DeathReason.THAW_FAILED, now);
    }

    /** The instance ended by its own doing. Its requests are lost; what waits gets another one. */
    public List<Action> died(String instance, DeathReason reason, Instant now) {
        return ended(instance, ErrorCode.START_FAILED, reason, now);
    }

    /** What ran the instance died or failed: as {@link #died}, but it says nothing of its release. */
    public List<Action> lost(String instance, DeathReason reason, Instant now) {
        return ended(instance, ErrorCode.START_IMPOSSIBLE, reason, now);
    }

    private List<Action> ended(String instance, ErrorCode code, DeathReason reason, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot == null || slot.phase == Slot.Phase.REAPING) {
            return actions;
        }
        if (slot.becomesReady()) {
            return startFailed(instance, code, reason.wireName(), now);
        }
        state.reap(slot, reason, actions);
        if (slot.owner().isEmpty()) {
            state.pool(slot.keyOfGeneric()).backoff.failed(now, code, reason.wireName());
        }
        slot.owner().ifPresent(group -> {
            if (code.blame() == Blame.FUNCTION && !worked(slot, now)) {
                group.backoff.failed(now, code, "it ended soon after it was ready: " + reason);
            }
            supply.look(group);
        });
        supply.serve(now, actions);
        return actions;
    }

    /** Nothing of the instance is left. */
    public List<Action> reaped(String instance, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = state.registry.find(instance);
        if (slot != null) {
            state.registry.leave(slot);
            slot.owner().ifPresent(group -> {
                group.slots.remove(instance);
                noteIdle(group, now); // Its requests went with it.
                supply.look(group);
            });
            GenericPool pool = slot.key == null ? null : state.pools.get(slot.key);
            if (pool != null) {
                pool.slots.remove(instance);
            }
            supply.serve(now, actions); // A place under the caps is free.
            slot.owner().ifPresent(group -> forgetIfEmpty(group, actions));
        }
        return actions;
    }

    /** Time has passed: what is idle is frozen or goes, what comes by habit is started, who waited too long is told. */
    public List<Action> tick(Instant now) {
        List<Action> actions = new ArrayList<>();
        if (state.closing) {
            return actions;
        }
        upkeep.tick(now, actions);
        for (ReleaseGroup group : List.copyOf(state.groups.values())) {
            queues.refuseOverdue(group, now, actions);
            group.forgetOldQuestion(now);
            supply.look(group);
        }
        supply.serve(now, actions);
        List.copyOf(state.groups.values()).forEach(group -> forgetIfEmpty(group, actions));
        return actions;
    }

    /** So much of the machine's memory is free. If it is too little, some of what is idle goes: what is worth the least. */
    public List<Action> memoryFree(long mib, Instant now) {
        List<Action> actions = new ArrayList<>();
        state.memoryFreeMib = OptionalLong.of(mib);
        if (mib < state.config.caps().memoryReserve() && state.registry.reaping() == 0) {
            eviction.idle(now).stream()
                    .limit(PRESSED_MAX)
                    .forEach(slot -> state.reap(slot, DeathReason.MEMORY_PRESSURE, actions));
        }
        return actions;
    }

    /** Instances of other releases of the app finish their requests and go. */
    public List<Action> retireOthers(ReleaseRef current, DeathReason reason) {
        List<Action> actions = new ArrayList<>();
        for (ReleaseGroup group : state.groupsOf(current.app())) {
            if (group.release.release().version() != current.version()) {
                group.expected = false;
                List.copyOf(group.slots.values()).forEach(slot -> state.drain(slot, reason, actions));
            }
        }
        return actions;
    }

    /** Instances of the app go at once, whatever they do; waiters are told. */
    public List<Action> destroyAll(AppRef app, DeathReason reason) {
        List<Action> actions = new ArrayList<>();
        state.groupsOf(app).forEach(group -> destroy(group, reason, actions));
        state.forget(app);
        return actions;
    }

    /** From now on nobody gets a place; every instance goes. */
    public List<Action> close() {
        state.closing = true;
        List<Action> actions = new ArrayList<>();
        List.copyOf(state.groups.values())
                .forEach(group -> end(group, DeathReason.SHUTDOWN, ErrorCode.SHUTTING_DOWN, actions));
        List.copyOf(state.registry.slots()).forEach(slot -> state.reap(slot, DeathReason.SHUTDOWN, actions));
        return actions;
    }

    /** Ids of instances of the app that are not reaped yet. */
    public List<String> instancesOf(AppRef app) {
        return state.registry.slots().stream()
                .filter(slot -> slot.owner()
                        .filter(group -> group.release.release().app().equals(app))
                        .isPresent())
                .map(slot -> slot.id)
                .toList();
    }

    /** Whether anything of the release is remembered beside its app's habits. */
    boolean knows(ReleaseRef release) {
        return state.groups.containsKey(release);
    }

    public InstanceState state(String instance) {
        Slot slot = state.registry.find(instance);
        return slot == null ? InstanceState.REAPED : slot.state();
    }

    public int active(String instance) {
        Slot slot = state.registry.find(instance);
        return slot == null ? 0 : slot.active;
    }

    public long served(String instance) {
        Slot slot = state.registry.find(instance);
        return slot == null ? 0 : slot.served;
    }

    /** How many there are that are not reaped yet, generic ones included. */
    public int instances() {
        return state.registry.all().instances;
    }

    /** How many requests wait for a place. */
    public int waiting() {
        return Viewer.waiting(state);
    }

    /** What the pool holds and aims at, for people and metrics. */
    public PoolView view() {
        return Viewer.view(state);
    }

    /** What is used once ends by itself after its answer, which may not be through yet. */
    private static boolean worked(Slot slot, Instant now) {
        return slot.served > 0
                || (slot.bound().servesOnce() && slot.granted > 0)
                || slot.readyAt == null
                || slot.readyAt.plus(WORKED).isBefore(now);
    }

    /** @param kind what requests meet that waited for it */
    private void ready(Slot slot, StartKind kind, Instant now, List<Action> actions) {
        ReleaseGroup group = slot.bound();
        state.registry.move(slot, Slot.Phase.READY);
        state.serveWaiters(group, kind, actions);
        noteIdle(group, now);
        serve(group, now, actions);
    }

    private void serve(ReleaseGroup group, Instant now, List<Action> actions) {
        supply.look(group);
        supply.serve(now, actions);
    }

    private static void noteIdle(ReleaseGroup group, Instant now) {
        if (!group.inUse()) {
            group.history.idle(now);
        }
    }

    /** An app that was destroyed and made again has other releases of the same names: the old one's get nothing to do any more. */
    private ReleaseGroup group(Wanted wanted, List<Action> actions) {
        state.namesake(wanted).ifPresent(old -> destroy(old, DeathReason.REPLACED, actions));
        return state.group(wanted);
    }

    private void destroy(ReleaseGroup group, DeathReason reason, List<Action> actions) {
        end(group, reason, ErrorCode.APP_NOT_FOUND, actions);
        forget(group, actions);
    }

    private void end(ReleaseGroup group, DeathReason reason, ErrorCode code, List<Action> actions) {
        group.expected = false;
        group.askedUntil = Instant.MIN;
        for (ReleaseGroup.Waiter waiter; (waiter = group.waiters.poll()) != null; ) {
            actions.add(
                    new Action.Refuse(waiter.ticket(), code, "the app or this server is going", Queues.RETRY_AFTER));
        }
        List.copyOf(group.slots.values()).forEach(slot -> state.reap(slot, reason, actions));
    }

    private void forgetIfEmpty(ReleaseGroup group, List<Action> actions) {
        if (group.empty()) {
            forget(group, actions);
        }
    }

    private void forget(ReleaseGroup group, List<Action> actions) {
        supply.forget(group);
        state.forget(group, actions);
    }
}
