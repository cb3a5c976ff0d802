package dev.mayfly.pool.api;

import io.vertx.core.Future;

/** What the gateway asks of the pool. Never blocks; safe from any thread. */
public interface Leases {
    /**
     * A place in an instance of the release, started if there is none. Concurrent misses share starts. Completes on the
     * caller's Vert.x context within the release's start timeout plus the pool's queue timeout. A lease that arrives
     * after the caller has given up must still be ended by the caller.
     */
    Future<LeaseOutcome> lease(ReleaseToRun release);
}
