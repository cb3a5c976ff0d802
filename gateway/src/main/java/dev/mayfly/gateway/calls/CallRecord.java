package dev.mayfly.gateway.calls;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.StartKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One call, as logs, metrics and metering see it. Written once, when the call is over.
 *
 * @param at when its head had been read
 * @param status what the caller got; 499 if the caller left before an answer began, 101 for an upgraded connection
 * @param bytesIn body bytes from the caller
 * @param bytesOut body bytes to the caller
 * @param queueMicros waited for a place in a running instance
 * @param startMicros waited for an instance to start
 * @param runMicros from sending the head to the instance until the head of its answer
 * @param responseMicros from the head of the answer until its last byte
 * @param start what the call met, also if that did not become ready; null if it was for no instance
 * @param instance who answered, or null
 * @param failure why Mayfly answered in the app's place or cut the answer, or null
 */
public record CallRecord(
        Instant at,
        ReleaseRef release,
        String requestId,
        String traceId,
        String method,
        String host,
        String path,
        int status,
        long bytesIn,
        long bytesOut,
        long queueMicros,
        long startMicros,
        long runMicros,
        long responseMicros,
        @Nullable StartKind start,
        @Nullable String instance,
        @Nullable ErrorCode failure) {

    /** Status of a call whose caller left before an answer began, as nginx writes it. */
    public static final int CALLER_LEFT = 499;

    public long totalMicros() {
        return queueMicros + startMicros + runMicros + responseMicros;
    }
}
