package dev.mayfly.pool.core.keep;

/**
 * Idle times in bins that grow by the same share each, from one second to a day: what comes after five minutes is known to ten
 * seconds, what comes after an hour to two minutes.
 */
final class Grid {
    private static final double GROWTH = Math.log(1.03);
    private static final double SECONDS_MAX = 24 * 3_600;

    static final int BINS = (int) (Math.log(SECONDS_MAX) / GROWTH) + 2;

    private Grid() {}

    /** Where the bin begins, in seconds. The first holds all below one second. */
    static double from(int bin) {
        return bin == 0 ? 0 : Math.exp((bin - 1) * GROWTH);
    }

    static int bin(double logSeconds) {
        return Math.clamp(1 + (long) Math.floor(logSeconds / GROWTH), 0, BINS - 1);
    }

    /** Less than a second is as a second: nothing is decided that fast. */
    static double log(double seconds) {
        return Math.log(Math.max(1, seconds));
    }

    /** Adds this much around a point, less and less until this far from it, by the logarithm of time. */
    static void spread(double[] bins, double center, double width, double mass) {
        int from = bin(center - width);
        int until = bin(center + width);
        double total = 0;
        for (int bin = from; bin <= until; bin++) {
            total += share(bin, center, width);
        }
        for (int bin = from; bin <= until; bin++) {
            bins[bin] += mass * share(bin, center, width) / total;
        }
    }

    private static double share(int bin, double center, double width) {
        double middle = Math.max(0, (bin - 0.5) * GROWTH);
        return Math.max(1e-9, 1 - Math.abs(middle - center) / (width + GROWTH));
    }
}
