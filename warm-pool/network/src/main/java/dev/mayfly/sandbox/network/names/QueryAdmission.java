package dev.mayfly.sandbox.network.names;

import java.util.HashMap;
import java.util.Map;

/** So many at once, and so many of one link. */
final class QueryAdmission {
    private final int max;
    private final int maxOfOne;
    private final Map<Integer, Integer> inside = new HashMap<>();
    private int all;

    QueryAdmission(int max, int maxOfOne) {
        this.max = max;
        this.maxOfOne = maxOfOne;
    }

    synchronized boolean enter(int link) {
        int own = inside.getOrDefault(link, 0);
        if (all >= max || own >= maxOfOne) {
            return false;
        }
        inside.put(link, own + 1);
        all++;
        return true;
    }

    synchronized void leave(int link) {
        all--;
        inside.computeIfPresent(link, (_, own) -> own == 1 ? null : own - 1);
    }
}
