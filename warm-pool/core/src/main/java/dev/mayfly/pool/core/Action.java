package dev.mayfly.pool.core;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Duration;

/** What the core wants done. The shell does it, in order, and tells the core what came of it. */
public sealed interface Action {
    /** Make an instance; then call {@link PoolCore#started} or {@link PoolCore#startFailed}. */
    record Start(String instance, ReleaseToRun release) implements Action {}

    /**
     * Give the waiter its place in the instance.
     *
     * @param cold whether the instance was started for it
     */
    record Grant(long ticket, String instance, boolean cold) implements Action {}

    /** Tell the waiter that there is no place. */
    record Refuse(long ticket, ErrorCode code, String detail, Duration retryAfter) implements Action {}

    /** Tell the waiter that the instance started for it failed. */
    record FailStart(long ticket, String instance, ErrorCode code, String detail) implements Action {}

    /** Destroy the instance; then call {@link PoolCore#reaped}. */
    record Reap(String instance, String reason) implements Action {}
}
