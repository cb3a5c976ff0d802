package dev.mayfly.sandbox.network;

/** So many in a second, and no more than a second's worth at once. Time comes from outside. */
final class Rate {
    private final double perMs;
    private final double most;
    private double left;
    private long at;

    Rate(int perSecond, long nowMs) {
        this.perMs = perSecond / 1_000.0;
        this.most = perSecond;
        this.left = perSecond;
        this.at = nowMs;
    }

    /** Takes one if one is there. */
    boolean take(long nowMs) {
        left = Math.min(most, left + Math.max(0, nowMs - at) * perMs);
        at = Math.max(at, nowMs);
        if (left < 1) {
            return false;
        }
        left--;
        return true;
    }
}
