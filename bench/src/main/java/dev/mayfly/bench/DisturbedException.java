package dev.mayfly.bench;

import java.io.IOException;

/** What a benchmark compares did not happen often enough, as the machine stood still for a while or had too much to do. */
final class DisturbedException extends IOException {
    private static final long serialVersionUID = 1L;

    DisturbedException(String what) {
        super(what);
    }
}
