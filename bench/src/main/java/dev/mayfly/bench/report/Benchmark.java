package dev.mayfly.bench.report;

import java.io.IOException;

/** One question with figures for an answer. Starts what it needs and leaves nothing. */
public interface Benchmark {
    String name();

    /** What it measures, in one line. */
    String about();

    /** About how long it takes with all its sides on two processors that have nothing else to do, rounded up: at least 1. */
    int minutes(Length length);

    /** @throws IOException if it could not run, a {@link DisturbedException} for the machine's sake; what it found is no reason */
    void run(Length length, Report report) throws IOException, InterruptedException;
}
