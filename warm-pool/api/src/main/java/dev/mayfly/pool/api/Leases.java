package dev.mayfly.pool.api;

/** What the gateway asks of the pool. Never blocks; safe from any thread. */
public interface Leases {
    /**
     * A place in an instance of the release: in one that is ready, else one that is frozen, else a generic one that is bound
     * to it, else one that is started. Concurrent misses share starts.
     */
    LeaseRequest lease(ReleaseToRun release);
}
