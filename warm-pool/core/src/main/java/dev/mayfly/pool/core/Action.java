package dev.mayfly.pool.core;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.util.Optional;

/** What the core wants done. The shell does it, in order, and tells the core what came of it. */
public sealed interface Action {
    /**
     * Make an instance of the release; then call {@link PoolCore#started} or {@link PoolCore#startFailed}.
     *
     * @param generic what it may be made as and bound at once, if that costs less
     */
    record Start(String instance, ReleaseToRun release, Optional<GenericKey> generic) implements Action {
        /** From nothing. */
        public Start(String instance, ReleaseToRun release) {
            this(instance, release, Optional.empty());
        }
    }

    /**
     * Take over an instance of the release that a predecessor has left running; then call {@link PoolCore#started} or
     * {@link PoolCore#startFailed}.
     */
    record Adopt(String instance, ReleaseToRun release) implements Action {}

    /** Make an instance without code of anybody; then call {@link PoolCore#started} or {@link PoolCore#startFailed}. */
    record StartGeneric(String instance, GenericKey key) implements Action {}

    /**
     * Give a generic instance its release, for ever; then call {@link PoolCore#started} or {@link PoolCore#startFailed}.
     */
    record Bind(String instance, ReleaseToRun release) implements Action {}

    /** Stop the time of an idle instance; then call {@link PoolCore#frozen} or {@link PoolCore#freezeFailed}. */
    record Freeze(String instance) implements Action {}

    /** Let the time of a frozen instance go on, whose requests come meanwhile; then call {@link PoolCore#thawed} or {@link PoolCore#thawFailed}. */
    record Thaw(String instance) implements Action {}

    /**
     * Give the waiter its place in the instance.
     *
     * @param kind what the request met
     */
    record Grant(long ticket, String instance, StartKind kind) implements Action {}

    /** Tell the waiter that there is no place. */
    record Refuse(long ticket, ErrorCode code, String detail, Duration retryAfter) implements Action {}

    /**
     * Tell the waiter that the instance started for it failed.
     *
     * @param instance empty: none was tried, as too many have failed of late
     * @param kind how it was started
     */
    record FailStart(long ticket, String instance, StartKind kind, ErrorCode code, String detail) implements Action {}

    /** Destroy the instance; then call {@link PoolCore#reaped}. */
    record Reap(String instance, DeathReason reason) implements Action {}

    /** End the zygote, if it runs: nothing is forked from it any more, unless its tenant gets one anew. */
    record RetireZygote(OwnZygote zygote) implements Action {}
}
