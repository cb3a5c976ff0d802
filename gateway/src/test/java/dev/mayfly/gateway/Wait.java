package dev.mayfly.gateway;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Polls with a deadline that is far beyond what a busy machine needs. */
final class Wait {
    static final int SECONDS_MAX = 60;

    private Wait() {}

    static void until(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(SECONDS_MAX).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + SECONDS_MAX + " s: " + what);
            }
            Thread.sleep(Duration.ofMillis(5));
        }
    }
}
