package dev.mayfly.e2e;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Polls until something holds, with a limit. */
final class Wait {
    /** What takes a moment on a quiet machine takes longer on one where other tests run. */
    private static final Duration LEAST = Duration.ofSeconds(30);

    private Wait() {}

    static void until(String what, Duration limit, BooleanSupplier holds) {
        until(what, limit, holds, () -> "");
    }

    static void until(String what, Duration limit, BooleanSupplier holds, Supplier<String> state) {
        if (limit.compareTo(LEAST) < 0) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: at least " + LEAST + "): " + what);
        }
        long deadline = System.nanoTime() + limit.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not within " + limit + ": " + what + "\n" + state.get());
            }
            LockSupport.parkNanos(50_000_000);
        }
    }
}
