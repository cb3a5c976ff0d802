package dev.mayfly.pool.api;

import io.vertx.core.Future;

/** A request for a lease. */
public interface LeaseRequest {
    /**
     * Completes on the Vert.x context that asked, within the release's start timeout plus the pool's queue timeout; never, if
     * it is given up before.
     */
    Future<LeaseOutcome> outcome();

    /**
     * Gives up: its place in the queue is free, and nothing is started for it any more. A lease that crossed this arrives all
     * the same, and must be ended.
     */
    void abandon();
}
