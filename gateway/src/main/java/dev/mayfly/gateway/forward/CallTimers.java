package dev.mayfly.gateway.forward;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one call, looked at on every tick. Total: for the whole of it. Queue: until an instance is there, the release's
 * start timeout on top. Idle: without a byte while one side is sending; told apart by who it is that all wait for.
 */
final class CallTimers {
    private final Call call;
    private long movedSeen = Phase.STILL;
    private long movedAt;

    CallTimers(Call call) {
        this.call = call;
    }

    /** Whether one has run out, by a look that is cheap enough for every call on every tick. */
    boolean ranOut(Phase phase, long now) {
        return wholly(now) || (phase.waitsForInstance() && queued(now)) || idle(phase, now);
    }

    private boolean wholly(long now) {
        return now - call.timings.begun > total().toNanos();
    }

    private boolean queued(long now) {
        Duration start = call.release.spec().limits().startTimeout();
        return now - call.timings.begun > limits().queueTimeout().toNanos() + start.toNanos();
    }

    private boolean idle(Phase phase, long now) {
        long moved = phase.moved();
        if (moved == Phase.STILL || moved != movedSeen) {
            movedSeen = moved;
            movedAt = now;
            return false;
        }
        return now - movedAt > limits().idleTimeout().toNanos();
    }

    /** Which has run out. */
    Outcome why(Phase phase, long now) {
        String id = phase.instance();
        if (wholly(now)) {
            return ranOut(ErrorCode.TOTAL_TIMEOUT, "total", total(), "for the whole answer", id);
        }
        if (phase.waitsForInstance()) {
            String what = "for a place in an instance";
            return ranOut(ErrorCode.QUEUE_TIMEOUT, "queue", limits().queueTimeout(), what, null);
        }
        Duration idle = limits().idleTimeout();
        return phase.callerStalls()
                ? ranOut(ErrorCode.REQUEST_TIMEOUT, "idle", idle, "for the caller", null)
                : ranOut(ErrorCode.IDLE_TIMEOUT, "idle", idle, "for the app to go on", id);
    }

    private static Outcome ranOut(ErrorCode code, String timer, Duration after, String what, @Nullable String id) {
        return Outcome.of(
                code, "The " + timer + " timer ran out after " + ConfigReader.format(after) + " " + what + ".", id);
    }

    private Duration total() {
        return call.release.spec().limits().requestTimeout();
    }

    private CallLimits limits() {
        return call.calls.shared.limits();
    }
}
