package dev.mayfly.pool.api;

import dev.mayfly.model.ErrorCode;
import java.time.Duration;

/** What came of starting an instance of a new release. */
public sealed interface StartOutcome {
    record Healthy(String instanceId, Duration took) implements StartOutcome {}

    record Unhealthy(String instanceId, ErrorCode code, String detail) implements StartOutcome {}
}
