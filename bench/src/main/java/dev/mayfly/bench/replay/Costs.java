package dev.mayfly.bench.replay;

/**
 * What the pool's work takes in a replay, in seconds. Stated, not measured here: the benchmarks of sandboxes measure it.
 *
 * @param cold from nothing to ready
 * @param bind from generic to ready
 * @param thaw from frozen to running
 * @param reap from the decision to nothing left
 * @param run one call
 */
public record Costs(double cold, double bind, double thaw, double reap, double run) {
    public static final Costs STATED = new Costs(0.3, 0.01, 0.001, 0.02, 0.001);
}
