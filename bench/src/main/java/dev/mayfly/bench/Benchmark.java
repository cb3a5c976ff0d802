package dev.mayfly.bench;

import java.io.IOException;
import java.util.List;

/** One question with figures for an answer. Starts what it needs and leaves nothing. */
interface Benchmark {
    String name();

    /** What it measures, in one line. */
    String about();

    /** @param rounds how often each side is measured, at least 3 */
    List<Row> run(int rounds) throws IOException, InterruptedException;
}
