package dev.mayfly.bench.load;

import dev.mayfly.bench.report.Samples;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures several sides in turn, so that what the machine does meanwhile meets all of them alike. Every round begins with
 * another side.
 */
public final class Sides {
    /** One measurement of a side. */
    public interface Side {
        public Load.Result measure() throws IOException, InterruptedException;
    }

    private final Map<String, Side> sides = new LinkedHashMap<>();
    private final Map<String, Samples> rates = new LinkedHashMap<>();
    private final Map<String, Samples> medians = new LinkedHashMap<>();
    private final Map<String, Samples> tails = new LinkedHashMap<>();

    public void add(String name, Side side) {
        sides.put(name, side);
        rates.put(name, new Samples());
        medians.put(name, new Samples());
        tails.put(name, new Samples());
    }

    public void measure(int rounds) throws IOException, InterruptedException {
        List<String> order = new ArrayList<>(sides.keySet());
        for (int i = 0; i < rounds; i++) {
            for (String name : order) {
                Load.Result result = of(sides, name).measure();
                rate(name).figure(result.perSecond());
                median(name).figure(result.each().median());
                tail(name).figure(result.each().at(0.99));
            }
            Collections.rotate(order, -1);
        }
    }

    /** Per second, one figure for each round. */
    public Samples rate(String name) {
        return of(rates, name);
    }

    /** Milliseconds, the median of each round. */
    public Samples median(String name) {
        return of(medians, name);
    }

    /** Milliseconds, the 99th percentile of each round. */
    public Samples tail(String name) {
        return of(tails, name);
    }

    private static <T> T of(Map<String, T> map, String name) {
        T found = map.get(name);
        if (found == null) {
            throw new IllegalArgumentException("side '" + name + "' (expected: one of " + map.keySet() + ")");
        }
        return found;
    }
}
