package dev.mayfly.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** How long a benchmark may take: it is said before it starts, and what takes longer is interrupted and fails. */
final class Bound {
    /** A busy or slow machine takes its time, too. */
    private static final int TIMES = 3;

    private static final Duration AT_LEAST = Duration.ofMinutes(5);

    private final Duration expected;
    private final Duration most;

    /**
     * @param expected how long it takes
     * @param most after how long it is interrupted
     */
    Bound(Duration expected, Duration most) {
        this.expected = expected;
        this.most = most;
    }

    /** @param minutes that it takes on a quiet machine */
    static Bound of(int minutes) {
        Duration expected = Duration.ofMinutes(minutes);
        Duration most = expected.multipliedBy(TIMES);
        return new Bound(expected, most.compareTo(AT_LEAST) < 0 ? AT_LEAST : most);
    }

    interface Work {
        void run() throws IOException, InterruptedException;
    }

    /**
     * Runs it in this thread.
     *
     * @throws IOException also if it had to be interrupted
     */
    void run(Consumer<String> note, Work work) throws IOException, InterruptedException {
        note.accept("takes about " + text(expected) + " on a quiet machine; it is ended after " + text(most));
        Thread worker = Thread.currentThread();
        CountDownLatch over = new CountDownLatch(1);
        AtomicBoolean late = new AtomicBoolean();
        Thread watch = Thread.ofPlatform().daemon().name("bound").start(() -> {
            try {
                if (!over.await(most.toMillis(), TimeUnit.MILLISECONDS)) {
                    late.set(true);
                    worker.interrupt();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            work.run();
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (late.get()) {
                throw new IOException(
                        "it did not end in " + text(most) + " (expected: about " + text(expected) + ")", e);
            }
            throw e;
        } finally {
            over.countDown();
            watch.join();
            if (late.get()) {
                Thread.interrupted(); // Ours: who cleans up is not to be interrupted.
            }
        }
    }

    private static String text(Duration duration) {
        return duration.toMinutes() > 0 ? duration.toMinutes() + " min" : duration.toMillis() + " ms";
    }
}
