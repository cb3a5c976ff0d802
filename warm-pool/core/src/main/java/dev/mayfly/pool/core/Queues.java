package dev.mayfly.pool.core;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who may wait for a place, and for how long. */
final class Queues {
    static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final PoolState state;

    Queues(PoolState state) {
        this.state = state;
    }

    /** Whether the request is turned away at the door: the queue is full, or its release does not start. */
    boolean refusesAt(ReleaseGroup group, long ticket, Instant now, List<Action> actions) {
        Optional<String> beyond = state.config.caps().beyond(group.memoryMib());
        if (beyond.isPresent()) {
            actions.add(new Action.Refuse(ticket, ErrorCode.QUOTA_EXCEEDED, beyond.get(), RETRY_AFTER));
            return true;
        }
        int queueMax = state.config.waiting().queueMax();
        if (group.waiters.size() >= queueMax) {
            actions.add(new Action.Refuse(
                    ticket,
                    ErrorCode.QUEUE_FULL,
                    queueMax + " requests wait for " + group.release.release() + " already",
                    RETRY_AFTER));
            return true;
        }
        if (group.backoff.pauses(now) && group.slots.isEmpty()) {
            actions.add(
                    new Action.FailStart(ticket, "", StartKind.COLD, group.backoff.code(), group.backoff.describe()));
            return true;
        }
        return false;
    }

    /** Without an instance, a start under way or a place that may become free, waiting is pointless. */
    void refuseIfHopeless(ReleaseGroup group, List<Action> actions) {
        if (group.waiters.isEmpty() || !group.slots.isEmpty() || state.registry.all().starts > 0) {
            return;
        }
        boolean placesMayBecomeFree =
                state.registry.slots().stream().anyMatch(slot -> slot.active == 0 || slot.going());
        if (!placesMayBecomeFree) {
            ReleaseGroup.Waiter last = group.waiters.removeLast();
            actions.add(new Action.Refuse(
                    last.ticket(),
                    ErrorCode.CAPACITY_EXHAUSTED,
                    "all " + state.registry.all().instances + " instances this machine or tenant may have are busy",
                    RETRY_AFTER));
        }
    }

    /** Starts have a timer of their own: while one runs, waiting is right. */
    void refuseOverdue(ReleaseGroup group, Instant now, List<Action> actions) {
        Duration timeout = state.config.waiting().queueTimeout();
        Instant limit = now.minus(timeout);
        while (!group.waiters.isEmpty()
                && group.coming() == 0
                && !group.waiters.element().since().isAfter(limit)) {
            actions.add(new Action.Refuse(
                    group.waiters.remove().ticket(),
                    ErrorCode.QUEUE_TIMEOUT,
                    "no place became free within " + timeout.toMillis() + " ms",
                    RETRY_AFTER));
        }
    }
}
