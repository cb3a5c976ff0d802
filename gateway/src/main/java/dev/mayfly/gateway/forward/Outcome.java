package dev.mayfly.gateway.forward;

import dev.mayfly.model.ErrorCode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why a call ends without the app's whole answer. */
record Outcome(
        ErrorCode code,
        String detail,
        @Nullable String instance,
        @Nullable Duration retryAfter) {
    static Outcome of(ErrorCode code, String detail) {
        return new Outcome(code, detail, null, null);
    }

    static Outcome of(ErrorCode code, String detail, @Nullable String instance) {
        return new Outcome(code, detail, instance, null);
    }
}
