package dev.mayfly.gateway;

import dev.mayfly.gateway.forward.Clocks;
import dev.mayfly.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** The time of a gateway, which only moves when a test moves it. */
final class ManualTime {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final ManualClock wall = new ManualClock(START);

    /** From anywhere but zero, as the real one. */
    private final AtomicLong nanos = new AtomicLong(Duration.ofDays(1).toNanos());

    Clocks clocks() {
        return new Clocks(wall, nanos::get);
    }

    void advance(Duration by) {
        wall.advance(by);
        nanos.addAndGet(by.toNanos());
    }
}
