package dev.mayfly.pool.api;

import java.time.Duration;
import java.util.Optional;

/** The right to send one request to one instance. Ends exactly once; ending it again does nothing. */
public interface Lease {
    String instanceId();

    InstanceAddress address();

    StartKind start();

    /** How long the caller waited for it. */
    Duration waited();

    /**
     * Ends the lease: the instance is done with the request. {@code broken}: it must not serve again, as it refused connections,
     * died, or is stuck in the one request that it serves at a time. What its callers did is no reason.
     */
    void end(boolean broken);

    /** How the instance died, if it did: for the answer to a caller whose request it took along. */
    Optional<Death> death();
}
