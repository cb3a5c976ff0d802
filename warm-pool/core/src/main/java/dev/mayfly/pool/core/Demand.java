package dev.mayfly.pool.core;

import java.time.Duration;
import java.time.Instant;

/**
 * How many things a stock must hold so that who claims one finds one.
 *
 * <p>A stock of n that replaces each piece within the time R is empty at a claim if and only if n or more claims came within R
 * before it. So of the remembered claims we count for each how many came within R before it, itself included, and hold the
 * 99th percentile: with it 99 of 100 of those claims would have found a piece, whatever their distribution. A mean rate times R
 * would be right for half of them, and a Poisson quantile for none that comes in bursts.
 */
final class Demand {
    private static final int REMEMBERED = 256;
    private static final double COVERED = 0.99;

    /**
     * Refills are not counted as shorter: processors that others use, too, collectors and disks hold them all up for so long now and
     * then, and what is missing afterwards everybody behind it waits for.
     */
    private static final double STALL_MILLIS = 100;

    /** Claims that are older say nothing about now. */
    private static final Duration HORIZON = Duration.ofMinutes(10);

    /** Of the longest refill seen, what remains after each further one: slow ones are forgotten slowly. */
    private static final double MEMORY = 0.9;

    private final long[] claims = new long[REMEMBERED];
    private long count;
    private double refillMillis;

    /** Somebody wanted one, whether there was one or not. */
    void claimed(Instant now) {
        claims[(int) (count++ % REMEMBERED)] = now.toEpochMilli();
    }

    /** It took so long to replace one. */
    void refilled(Duration took) {
        double millis = took.toNanos() / 1e6;
        refillMillis = Math.max(millis, MEMORY * refillMillis + (1 - MEMORY) * millis);
    }

    Duration refill() {
        return Duration.ofMillis(Math.round(refillMillis));
    }

    /** How many to hold; 0 if nothing was claimed of late. */
    int target(Instant now) {
        long oldest = now.minus(HORIZON).toEpochMilli();
        long known = Math.min(count, REMEMBERED);
        int[] needed = new int[REMEMBERED + 1];
        int total = 0;
        long from = count - known;
        double refill = Math.max(STALL_MILLIS, refillMillis);
        for (long i = from; i < count; i++) {
            long at = claim(i);
            while (claim(from) < at - refill) {
                from++;
            }
            if (at >= oldest) {
                needed[(int) (i - from + 1)]++;
                total++;
            }
        }
        int covered = 0;
        for (int stock = 0; stock < needed.length; stock++) {
            covered += needed[stock];
            if (covered >= COVERED * total) {
                return stock;
            }
        }
        throw new IllegalStateException("all claims need some stock");
    }

    private long claim(long number) {
        return claims[(int) (number % REMEMBERED)];
    }
}
