package dev.mayfly.bench.report;

import java.io.IOException;

/** What a benchmark compares did not happen often enough, as the machine stood still for a while or had too much to do. */
public final class DisturbedException extends IOException {
    private static final long serialVersionUID = 1L;

    public DisturbedException(String what) {
        super(what);
    }
}
