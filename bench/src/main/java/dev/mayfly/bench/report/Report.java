package dev.mayfly.bench.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What a benchmark found. What it could not measure has no row: a note says why. */
public final class Report {
    private final List<Row> rows = new ArrayList<>();
    private final long seed;
    private final Set<String> only;

    /** @param only names of the sides to measure; none: all */
    public Report(long seed, Collection<String> only) {
        this.seed = seed;
        this.only = Set.copyOf(only);
    }

    /** Whether this side, a runtime class or a language, is asked for. */
    public boolean wants(String side) {
        return only.isEmpty() || only.contains(side);
    }

    /** The source of all random choices. Its seed is said, so that the run can be repeated. */
    public Random random() {
        note("seed " + seed + " (--seed " + seed + " repeats it)");
        return new Random(seed);
    }

    public void add(Row row) {
        rows.add(row);
    }

    /** The median as a row beside others, then the least and the most of it. */
    public void add(Row median, Samples samples) {
        rows.add(median);
        rows.add(Row.alone(median.what() + "/least", samples.least(), median.unit()));
        rows.add(Row.alone(median.what() + "/most", samples.most(), median.unit()));
    }

    /** Said at once: a long benchmark shows what it does. */
    public void note(String text) {
        System.out.println("note: " + text);
    }

    public List<Row> rows() {
        return List.copyOf(rows);
    }
}
