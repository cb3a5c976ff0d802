package dev.mayfly.pool.core.keep;

import java.time.Duration;

/**
 * Keeps what is idle for a fixed time.
 *
 * @param time how long
 */
public record FixedKeepAlive(Duration time) implements KeepAlive, Habit {
    @Override
    public Habit unknown() {
        return this; // It never learns anything.
    }

    @Override
    public void idleEnded(Duration idle) {
        // The time is fixed.
    }

    @Override
    public Plan plan(Duration saves) {
        return Plan.keepFor(time);
    }

    /** The longer ago, the less likely: the order of the least recently used. */
    @Override
    public double urgency(Duration idle) {
        return 1 / (1 + idle.toMillis() / 1e3);
    }
}
