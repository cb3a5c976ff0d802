package dev.mayfly.bench.replay;

import java.util.ArrayList;
import java.util.List;

/**
 * What a policy made of a trace.
 *
 * @param cold calls that met nothing loaded
 * @param coldShares of each function, ascending
 * @param idleSeconds loaded without a call, summed over functions
 * @param idleMibSeconds the same by memory
 * @param starts loads, for a call or ahead of one
 */
public record ReplayOutcome(
        int calls, int cold, List<Double> coldShares, double idleSeconds, double idleMibSeconds, int starts) {
    public ReplayOutcome {
        coldShares = List.copyOf(coldShares);
    }

    public double coldShare() {
        return (double) cold / calls;
    }

    /** Of the functions' shares of cold calls. */
    public double quantile(double q) {
        return coldShares.get((int) Math.round(q * (coldShares.size() - 1)));
    }

    static List<Double> shares(int[] cold, int[] calls) {
        List<Double> shares = new ArrayList<>();
        for (int i = 0; i < cold.length; i++) {
            shares.add(calls[i] == 0 ? 0.0 : (double) cold[i] / calls[i]);
        }
        shares.sort(null);
        return shares;
    }
}
