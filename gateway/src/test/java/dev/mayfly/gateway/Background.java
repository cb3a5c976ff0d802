package dev.mayfly.gateway;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** What a test does beside what it looks at. */
final class Background {
    /** Who has not moved for so long stands still. */
    private static final Duration STILL = Duration.ofSeconds(1);

    private Background() {}

    interface Work {
        void run() throws Exception;
    }

    static <T> CompletableFuture<T> get(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    static CompletableFuture<Void> run(Work work) {
        return get(() -> {
            work.run();
            return null;
        });
    }

    /** Waits until a count that has begun to grow grows no more. */
    static void stalls(String what, AtomicLong count) throws InterruptedException {
        long[] seen = {0, System.nanoTime()};
        Wait.until(what + " moves no more", () -> {
            long now = System.nanoTime();
            if (count.get() != seen[0]) {
                seen[0] = count.get();
                seen[1] = now;
            }
            return seen[0] > 0 && now - seen[1] > STILL.toNanos();
        });
    }
}
