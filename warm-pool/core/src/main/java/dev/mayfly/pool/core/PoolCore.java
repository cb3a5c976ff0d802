package dev.mayfly.pool.core;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Decides about instances: what happened and the time go in, actions come out. It does no I/O, knows no thread and is owned
 * by one at a time.
 *
 * <p>What always holds: a ticket is answered exactly once; an instance never has more requests than its concurrency; caps
 * are never exceeded; a request that waits has a start under way, an instance that is busy, or a deadline.
 */
public final class PoolCore {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final PoolConfig config;
    private final Supplier<String> newId;
    private final Map<ReleaseRef, ReleaseGroup> groups = new LinkedHashMap<>();
    private final Map<String, Slot> slots = new HashMap<>();
    private boolean closing;

    /** @param newId makes ids of instances */
    public PoolCore(PoolConfig config, Supplier<String> newId) {
        this.config = config;
        this.newId = newId;
    }

    /** A request wants a place in an instance of the release. The ticket comes back in the answer. */
    public List<Action> acquire(long ticket, ReleaseToRun release, Instant now) {
        List<Action> actions = new ArrayList<>(1);
        if (closing) {
            actions.add(new Action.Refuse(ticket, ErrorCode.SHUTTING_DOWN, "this server is stopping", RETRY_AFTER));
            return actions;
        }
        ReleaseGroup group = group(release);
        Optional<Slot> room = group.waiters.isEmpty() ? group.roomiest() : Optional.empty();
        if (room.isPresent()) {
            grant(ticket, room.get(), false, actions);
            return actions;
        }
        if (group.waiters.size() >= config.queueMax()) {
            actions.add(new Action.Refuse(
                    ticket,
                    ErrorCode.QUEUE_FULL,
                    config.queueMax() + " requests wait for " + release.release() + " already",
                    RETRY_AFTER));
            return actions;
        }
        if (now.isBefore(group.startNotBefore) && group.slots.isEmpty()) {
            actions.add(new Action.FailStart(
                    ticket,
                    "",
                    ErrorCode.START_FAILED,
                    "its last " + group.failures + " starts failed: " + group.lastFailure));
            return actions;
        }
        group.waiters.add(new ReleaseGroup.Waiter(ticket, now));
        startWhatIsWanted(group, now, actions);
        refuseIfHopeless(group, actions);
        return actions;
    }

    /** A waiter has gone: its place in the queue is free. A grant that crossed this is ended as a lease. */
    public void abandon(long ticket, ReleaseRef release) {
        ReleaseGroup group = groups.get(release);
        if (group != null) {
            group.waiters.removeIf(waiter -> waiter.ticket() == ticket);
        }
    }

    /** Asks for an instance without a request: for a deploy. Empty if the caps do not allow one. */
    public Optional<Action.Start> prestart(ReleaseToRun release, Instant now) {
        return closing ? Optional.empty() : start(group(release), now);
    }

    /** The instance is ready. Unknown ids are ignored: it was reaped meanwhile. */
    public List<Action> started(String instance, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = slots.get(instance);
        if (slot == null || slot.state != InstanceState.STARTING) {
            return actions;
        }
        slot.state = InstanceState.READY;
        slot.idleSince = now;
        slot.group.startWorked();
        serveWaiters(slot.group, true, actions);
        return actions;
    }

    /** The instance did not become ready. Everybody who waits is told, unless another instance can take them. */
    public List<Action> startFailed(String instance, ErrorCode code, String detail, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = slots.get(instance);
        if (slot == null || slot.reaping) {
            return actions;
        }
        ReleaseGroup group = slot.group;
        group.startFailed(now, config.backoffMax(), detail);
        reap(slot, "start-failed", actions);
        boolean othersMayServe = group.slots.values().stream()
                .anyMatch(other -> !other.reaping && other.state.compareTo(InstanceState.DRAINING) < 0);
        if (!othersMayServe) {
            for (ReleaseGroup.Waiter waiter; (waiter = group.waiters.poll()) != null; ) {
                actions.add(new Action.FailStart(waiter.ticket(), instance, code, detail));
            }
        }
        return actions;
    }

    /** A request has left the instance. {@code broken}: it must not serve again. */
    public List<Action> released(String instance, boolean broken, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = slots.get(instance);
        if (slot == null) {
            return actions;
        }
        slot.active--;
        slot.served++;
        slot.idleSince = now;
        if (broken && slot.state == InstanceState.READY) {
            drain(slot, "crash", actions);
        } else if (slot.state == InstanceState.DRAINING && slot.active == 0) {
            reap(slot, slot.reason, actions);
        }
        serveWaiters(slot.group, false, actions);
        startWhatIsWanted(slot.group, now, actions);
        return actions;
    }

    /** The instance ended by itself. Its requests are lost; what waits gets another one. */
    public List<Action> died(String instance, String reason, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = slots.get(instance);
        if (slot == null || slot.reaping) {
            return actions;
        }
        if (slot.state == InstanceState.STARTING) {
            return startFailed(instance, ErrorCode.START_FAILED, reason, now);
        }
        reap(slot, reason, actions);
        startWhatIsWanted(slot.group, now, actions);
        return actions;
    }

    /** Nothing of the instance is left. */
    public List<Action> reaped(String instance, Instant now) {
        List<Action> actions = new ArrayList<>();
        Slot slot = slots.remove(instance);
        if (slot != null) {
            slot.group.slots.remove(instance);
            // A place under the caps is free: whoever waits for one may have it, in order of releases.
            for (ReleaseGroup group : List.copyOf(groups.values())) {
                startWhatIsWanted(group, now, actions);
            }
            forgetIfEmpty(slot.group);
        }
        return actions;
    }

    /** Time has passed: idle instances go, waiters that waited too long are told. */
    public List<Action> tick(Instant now) {
        List<Action> actions = new ArrayList<>();
        for (ReleaseGroup group : List.copyOf(groups.values())) {
            Instant idleLimit = now.minus(group.release.spec().limits().idleTimeout());
            for (Slot slot : List.copyOf(group.slots.values())) {
                if (slot.state == InstanceState.READY && slot.active == 0 && !slot.idleSince.isAfter(idleLimit)) {
                    reap(slot, "idle", actions);
                }
            }
            refuseOverdue(group, now, actions);
            if (group.failures > 0 && now.isAfter(group.startNotBefore.plus(config.backoffMax()))) {
                group.startWorked(); // Long ago: the next start is judged afresh.
            }
            startWhatIsWanted(group, now, actions);
            forgetIfEmpty(group);
        }
        return actions;
    }

    /** Instances of other releases of the app finish their requests and go. */
    public List<Action> retireOthers(ReleaseRef current, String reason) {
        List<Action> actions = new ArrayList<>();
        for (ReleaseGroup group : List.copyOf(groups.values())) {
            ReleaseRef release = group.release.release();
            if (release.app().equals(current.app()) && release.version() != current.version()) {
                group.slots.values().stream().toList().forEach(slot -> drain(slot, reason, actions));
            }
        }
        return actions;
    }

    /** Instances of the app go at once, whatever they do; waiters are told. */
    public List<Action> destroyAll(AppRef app, String reason) {
        List<Action> actions = new ArrayList<>();
        for (ReleaseGroup group : List.copyOf(groups.values())) {
            if (group.release.release().app().equals(app)) {
                destroy(group, reason, ErrorCode.APP_NOT_FOUND, actions);
            }
        }
        return actions;
    }

    /** From now on nobody gets a place; every instance goes. */
    public List<Action> close() {
        closing = true;
        List<Action> actions = new ArrayList<>();
        List.copyOf(groups.values()).forEach(group -> destroy(group, "shutdown", ErrorCode.SHUTTING_DOWN, actions));
        return actions;
    }

    /** Ids of instances of the app that are not reaped yet. */
    public List<String> instancesOf(AppRef app) {
        return slots.values().stream()
                .filter(slot -> slot.group.release.release().app().equals(app))
                .map(slot -> slot.id)
                .toList();
    }

    public int instances() {
        return slots.size();
    }

    public InstanceState state(String instance) {
        Slot slot = slots.get(instance);
        return slot == null ? InstanceState.REAPED : slot.state;
    }

    public int active(String instance) {
        Slot slot = slots.get(instance);
        return slot == null ? 0 : slot.active;
    }

    public long served(String instance) {
        Slot slot = slots.get(instance);
        return slot == null ? 0 : slot.served;
    }

    public Map<InstanceState, Integer> countByState() {
        Map<InstanceState, Integer> counts = new EnumMap<>(InstanceState.class);
        slots.values().forEach(slot -> counts.merge(slot.state, 1, Integer::sum));
        return counts;
    }

    /** How many requests wait for a place. */
    public int waiting() {
        return groups.values().stream().mapToInt(group -> group.waiters.size()).sum();
    }

    private ReleaseGroup group(ReleaseToRun release) {
        return groups.computeIfAbsent(release.release(), _ -> new ReleaseGroup(release));
    }

    private void serveWaiters(ReleaseGroup group, boolean cold, List<Action> actions) {
        while (!group.waiters.isEmpty()) {
            Optional<Slot> room = group.roomiest();
            if (room.isEmpty()) {
                return;
            }
            grant(group.waiters.remove().ticket(), room.get(), cold, actions);
        }
    }

    private void grant(long ticket, Slot slot, boolean cold, List<Action> actions) {
        slot.active++;
        actions.add(new Action.Grant(ticket, slot.id, cold));
    }

    private void startWhatIsWanted(ReleaseGroup group, Instant now, List<Action> actions) {
        if (closing || now.isBefore(group.startNotBefore)) {
            return;
        }
        for (int wanted = group.startsWanted(); wanted > 0; wanted--) {
            Optional<Action.Start> start = start(group, now);
            if (start.isEmpty()) {
                return;
            }
            actions.add(start.get());
        }
    }

    private Optional<Action.Start> start(ReleaseGroup group, Instant now) {
        if (group.slots.size() >= config.releaseInstancesMax()
                || slots.size() >= config.instancesMax()
                || ofTenant(group.release.release().app().tenant()) >= config.tenantInstancesMax()
                || startsUnderWay() >= config.startsMax()) {
            return Optional.empty();
        }
        Slot slot = new Slot(newId.get(), group, now);
        group.slots.put(slot.id, slot);
        slots.put(slot.id, slot);
        return Optional.of(new Action.Start(slot.id, group.release));
    }

    private long startsUnderWay() {
        return slots.values().stream()
                .filter(slot -> slot.state == InstanceState.STARTING)
                .count();
    }

    private long ofTenant(TenantName tenant) {
        return slots.values().stream()
                .filter(slot -> slot.group.release.release().app().tenant().equals(tenant))
                .count();
    }

    /** Without an instance, a start under way or a place that may become free, waiting is pointless. */
    private void refuseIfHopeless(ReleaseGroup group, List<Action> actions) {
        if (!group.slots.isEmpty() || startsUnderWay() > 0 || group.waiters.isEmpty()) {
            return;
        }
        boolean placesMayBecomeFree = slots.values().stream().anyMatch(slot -> slot.active == 0 || slot.reaping);
        if (!placesMayBecomeFree) {
            ReleaseGroup.Waiter last = group.waiters.removeLast();
            actions.add(new Action.Refuse(
                    last.ticket(),
                    ErrorCode.CAPACITY_EXHAUSTED,
                    "all " + slots.size() + " instances this machine or tenant may have are busy",
                    RETRY_AFTER));
        }
    }

    private void refuseOverdue(ReleaseGroup group, Instant now, List<Action> actions) {
        boolean starting = group.starting() > 0; // Starts have a timer of their own; while one runs, waiting is right.
        Instant limit = now.minus(config.queueTimeout());
        while (!starting
                && !group.waiters.isEmpty()
                && !group.waiters.element().since().isAfter(limit)) {
            actions.add(new Action.Refuse(
                    group.waiters.remove().ticket(),
                    ErrorCode.QUEUE_TIMEOUT,
                    "no place became free within " + config.queueTimeout().toMillis() + " ms",
                    RETRY_AFTER));
        }
    }

    private void destroy(ReleaseGroup group, String reason, ErrorCode code, List<Action> actions) {
        for (ReleaseGroup.Waiter waiter; (waiter = group.waiters.poll()) != null; ) {
            actions.add(new Action.Refuse(waiter.ticket(), code, "the app or this server is going", RETRY_AFTER));
        }
        group.slots.values().stream().toList().forEach(slot -> reap(slot, reason, actions));
    }

    private void drain(Slot slot, String reason, List<Action> actions) {
        if (slot.state == InstanceState.STARTING || (slot.state == InstanceState.READY && slot.active == 0)) {
            reap(slot, reason, actions);
        } else if (slot.state == InstanceState.READY) {
            slot.state = InstanceState.DRAINING;
            slot.reason = reason;
        }
    }

    private void reap(Slot slot, String reason, List<Action> actions) {
        if (!slot.reaping) {
            slot.reaping = true;
            slot.state = InstanceState.DRAINING;
            slot.reason = reason;
            actions.add(new Action.Reap(slot.id, reason));
        }
    }

    private void forgetIfEmpty(ReleaseGroup group) {
        if (group.empty()) {
            groups.remove(group.release.release());
        }
    }
}
