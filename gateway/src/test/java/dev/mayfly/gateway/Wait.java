package dev.mayfly.gateway;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Polls with a deadline. */
final class Wait {
    private Wait() {}

    static void until(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within 10 s: " + what);
            }
            Thread.sleep(Duration.ofMillis(5));
        }
    }
}
