package dev.mayfly.pool.api;

import dev.mayfly.model.ErrorCode;
import java.time.Duration;

/** What came of asking for a lease. */
public sealed interface LeaseOutcome {
    record Leased(Lease lease) implements LeaseOutcome {}

    /** No capacity within the limits; nothing was started for this caller. */
    record Saturated(ErrorCode code, String detail, Duration retryAfter) implements LeaseOutcome {}

    /**
     * An instance was started and failed.
     *
     * @param instanceId empty: none was tried, as too many have failed of late
     * @param start how it was started
     * @param code {@code START_FAILED} or {@code START_TIMEOUT}; {@code START_IMPOSSIBLE} if it is not the release's doing
     * @param detail what the instance said or did, fit for the tenant
     */
    record StartFailed(String instanceId, StartKind start, ErrorCode code, String detail) implements LeaseOutcome {}
}
