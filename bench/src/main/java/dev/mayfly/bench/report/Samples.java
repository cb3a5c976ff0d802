package dev.mayfly.bench.report;

import java.util.ArrayList;
import java.util.List;

/** Figures of one thing, mostly times in milliseconds. Safe from many threads. */
public final class Samples {
    private final List<Double> values = new ArrayList<>();

    /** A time. */
    public void add(long nanos) {
        figure(nanos / 1e6);
    }

    /** A figure of whatever unit. */
    public synchronized void figure(double value) {
        values.add(value);
    }

    public synchronized int size() {
        return values.size();
    }

    public synchronized List<Double> values() {
        return List.copyOf(values);
    }

    public double median() {
        return at(0.5);
    }

    public synchronized double at(double quantile) {
        if (values.isEmpty()) {
            throw new IllegalStateException("no samples");
        }
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.min(sorted.size() - 1L, Math.round(quantile * (sorted.size() - 1))));
    }

    public double least() {
        return at(0);
    }

    public double most() {
        return at(1);
    }
}
