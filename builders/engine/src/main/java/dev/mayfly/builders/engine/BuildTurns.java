package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.util.concurrent.Semaphore;

/** Lets so many builds run at once and so many wait for it, first come, first served. */
final class BuildTurns {
    private final int parallel;
    private final Semaphore running;
    private final Semaphore places;

    BuildTurns(int parallel, int waiting) {
        this.parallel = parallel;
        this.running = new Semaphore(parallel, true);
        this.places = new Semaphore(Math.addExact(parallel, waiting), true);
    }

    /** A turn; to be closed when the build has ended. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * @throws MayflyException {@code CAPACITY_EXHAUSTED} if too many wait already
     * @throws InterruptedException if it was cancelled while it waited
     */
    Turn take(BuildOutput output) throws InterruptedException {
        if (!places.tryAcquire()) {
            throw new MayflyException(
                    ErrorCode.CAPACITY_EXHAUSTED, "Too many builds wait already; push again in a few minutes.");
        }
        boolean taken = false;
        try {
            if (!running.tryAcquire()) {
                output.step("Waiting: " + parallel + " other builds run");
                running.acquire();
            }
            taken = true;
        } finally {
            if (!taken) {
                places.release();
            }
        }
        return () -> {
            running.release();
            places.release();
        };
    }
}
