package dev.mayfly.gateway.forward;

import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * Where the gateway has its time from, so that a test can move it.
 *
 * @param wall for records and ids
 * @param nanos for all that is measured and timed: only runs forwards, from anywhere
 */
public record Clocks(Clock wall, LongSupplier nanos) {
    public static final Clocks SYSTEM = new Clocks(Clock.systemUTC(), System::nanoTime);
}
