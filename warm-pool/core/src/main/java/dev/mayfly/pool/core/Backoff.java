package dev.mayfly.pool.core;

import dev.mayfly.model.ErrorCode;
import java.time.Duration;
import java.time.Instant;

/** The pause after starts that failed one after the other: doubles from one second with every failure but the first. */
final class Backoff {
    private final Duration max;
    private int failures;
    private Instant notBefore = Instant.MIN;
    private ErrorCode code = ErrorCode.START_FAILED;
    private String last = "";

    Backoff(Duration max) {
        this.max = max;
    }

    void failed(Instant now, ErrorCode why, String detail) {
        failures++;
        code = why;
        last = detail;
        Duration pause = failures == 1 ? Duration.ZERO : Duration.ofSeconds(1L << Math.min(failures - 2, 20));
        notBefore = now.plus(pause.compareTo(max) > 0 ? max : pause);
    }

    void worked() {
        failures = 0;
        notBefore = Instant.MIN;
        last = "";
    }

    boolean pauses(Instant now) {
        return now.isBefore(notBefore);
    }

    /** Long ago: the next start is judged afresh. */
    void forgive(Instant now) {
        if (failures > 0 && now.isAfter(notBefore.plus(max))) {
            worked();
        }
    }

    boolean clean() {
        return failures == 0;
    }

    /** Of the last failure: who is turned away meanwhile is told whose doing it is. */
    ErrorCode code() {
        return code;
    }

    String describe() {
        return "its last " + failures + " starts failed: " + last;
    }
}
