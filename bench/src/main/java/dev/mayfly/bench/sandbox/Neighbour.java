package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.report.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Asks a sandbox at a steady rate whatever the machine does: a late answer delays nobody's next request. */
public final class Neighbour {
    private static final double PER_SECOND = 100;
    private static final int LATE_SECONDS_MAX = 60;

    private final AnsweringSandbox.Running sandbox;
    private final Duration time;
    private final AtomicLong unanswered = new AtomicLong();

    /** @param time of one measurement */
    Neighbour(AnsweringSandbox.Running sandbox, Duration time) {
        this.sandbox = sandbox;
        this.time = time;
    }

    /** Milliseconds from the moment at which a request was due to its answer, or to the failure in its place. */
    Samples measure() throws IOException, InterruptedException {
        Samples each = new Samples();
        // Ended, it refuses those that still wait: so nobody waits for ever.
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        CompletableFuture<Boolean> limit = over.orTimeout(time.toSeconds() + LATE_SECONDS_MAX, TimeUnit.SECONDS)
                .exceptionally(_ -> sandbox.end());
        try {
            Load.open(PER_SECOND, time, due -> {
                try {
                    sandbox.ask();
                } catch (IOException e) {
                    unanswered.incrementAndGet();
                }
                each.add(System.nanoTime() - due);
            });
        } finally {
            over.complete(true);
            limit.join();
        }
        return each;
    }

    /** Requests without the right answer so far. */
    long unanswered() {
        return unanswered.get();
    }
}
