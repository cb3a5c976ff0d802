package dev.mayfly.bench;

import java.util.ArrayList;
import java.util.List;

/** Times of one thing, in milliseconds. */
final class Samples {
    private final List<Double> millis = new ArrayList<>();

    void add(long nanos) {
        millis.add(nanos / 1e6);
    }

    double median() {
        return at(0.5);
    }

    double at(double quantile) {
        List<Double> sorted = millis.stream().sorted().toList();
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(quantile * (sorted.size() - 1))));
    }

    double least() {
        return at(0);
    }

    double most() {
        return at(1);
    }
}
