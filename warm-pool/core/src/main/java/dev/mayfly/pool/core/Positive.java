package dev.mayfly.pool.core;

import java.time.Duration;

/**
 * What settings have to be. Not methods of {@link PoolConfig}: its parts would then need it before they are there themselves, and
 * its defaults would hold nulls.
 */
final class Positive {
    private Positive() {}

    static void require(long value, String key) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: at least 1)");
        }
    }

    static void require(Duration value, String key) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: above 0)");
        }
    }
}
