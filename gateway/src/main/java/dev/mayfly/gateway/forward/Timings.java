package dev.mayfly.gateway.forward;

import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.StartKind;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** When what happened in one call, by a clock that only runs forwards. */
final class Timings {
    /** When it began, by the gateway's clock. */
    final long begun;

    private final LongSupplier nanos;
    private long sent;
    private long answered;
    private long queueMicros;
    private long startMicros;
    private @Nullable StartKind start;

    Timings(LongSupplier nanos) {
        this.nanos = nanos;
        this.begun = nanos.getAsLong();
    }

    void leased(Lease lease) {
        long waited = lease.waited().toNanos() / 1_000;
        start = lease.start();
        if (lease.start().waitedForStart()) {
            startMicros += waited;
        } else {
            queueMicros += waited;
        }
    }

    /** Its instance did not become ready: all the time went there. */
    void startFailed(StartKind kind) {
        start = kind;
        startMicros += (nanos.getAsLong() - begun) / 1_000;
    }

    void sent() {
        sent = nanos.getAsLong();
    }

    void answered() {
        answered = nanos.getAsLong();
    }

    @Nullable
    StartKind start() {
        return start;
    }

    /** A call that never got an instance spent all its time in the queue. */
    long queueMicros(long now) {
        return sent == 0 && start == null ? (now - begun) / 1_000 : queueMicros;
    }

    long startMicros() {
        return startMicros;
    }

    long runMicros(long now) {
        return sent == 0 ? 0 : ((answered == 0 ? now : answered) - sent) / 1_000;
    }

    long responseMicros(long now) {
        return answered == 0 ? 0 : (now - answered) / 1_000;
    }

    /** The value of a Server-Timing field, in milliseconds. */
    String serverTiming(long now) {
        StringBuilder text = new StringBuilder(48).append("queue;dur=");
        millis(text, queueMicros(now)).append(", start;dur=");
        millis(text, startMicros).append(", run;dur=");
        return millis(text, runMicros(now)).toString();
    }

    private static StringBuilder millis(StringBuilder text, long micros) {
        return text.append(micros / 1_000).append('.').append(micros / 100 % 10);
    }
}
