package dev.mayfly.runtime.health;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A loop that does not die unseen. Whatever ends a turn, an {@link Error} too, is logged; then, after a pause that doubles from
 * 0.1 to 10 s, the next turn begins, on the same thread: there may be no memory or no right for another. It never gives up, as
 * what failed may be back later; the {@link Health} tells that it stands still. Made by {@link Health#loop} and
 * {@link Health#every}.
 */
public final class Supervised implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Supervised.class);
    private static final long PAUSE_MILLIS_MIN = 100;
    private static final long PAUSE_MILLIS_MAX = 10_000;
    private static final long END_MILLIS_MAX = 10_000;

    /** So many failures in a row are a trouble even while the next turn runs. */
    private static final int FAILURES_FEW = 2;

    private static final Duration FAILURE_RECENT = Duration.ofMinutes(1);
    private static final Duration TURN_GRACE = Duration.ofMinutes(1);

    /** One turn of a loop. */
    @FunctionalInterface
    public interface Turn {
        /**
         * Waits for something and does it.
         *
         * @throws InterruptedException if the loop is to end
         */
        void run() throws Exception;
    }

    private final String name;
    private final Turn turn;
    private final Optional<Duration> period;
    private final Thread thread;
    private final Health.Registration registration;
    private volatile boolean closed;

    private volatile @Nullable String failure;
    private volatile boolean pausing;
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private volatile long failedNanos;
    private volatile long turnNanos;
    private volatile boolean inTurn;

    Supervised(Health health, Part part, String name, Optional<Duration> period, Turn turn) {
        this.name = name;
        this.turn = turn;
        this.period = period;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::supervise);
        this.registration = health.add(part, name, this::trouble);
    }

    Supervised start() {
        thread.start();
        return this;
    }

    private void supervise() {
        while (!closed) {
            try {
                period.ifPresent(Supervised::await);
                if (closed) {
                    return;
                }
                turnNanos = System.nanoTime();
                inTurn = true;
                turn.run();
                failuresInARow.set(0);
            } catch (Throwable e) { // This is the last one who can see it.
                if (closed) {
                    return;
                }
                failed(e);
            } finally {
                inTurn = false;
            }
        }
    }

    private void failed(Throwable e) {
        long pause = Math.min(PAUSE_MILLIS_MAX, PAUSE_MILLIS_MIN << Math.min(10, failuresInARow.getAndIncrement()));
        failedNanos = System.nanoTime();
        pausing = true;
        try {
            failure = e.toString();
            log.atError()
                    .addKeyValue("loop", name)
                    .addKeyValue("failuresInARow", failuresInARow)
                    .setCause(e)
                    .log("A loop of the server failed; it goes on after a pause");
        } catch (Throwable again) {
            failure = "failed, and there was no memory to say of what";
        }
        try {
            Thread.sleep(pause);
        } catch (InterruptedException stopped) {
            // If it is closed its loop ends now; if somebody else has interrupted it, it goes on.
        } finally {
            pausing = false;
        }
    }

    private static void await(Duration period) {
        try {
            Thread.sleep(period);
        } catch (InterruptedException e) {
            // As above.
        }
    }

    private Optional<String> trouble() {
        long now = System.nanoTime();
        if (!thread.isAlive()) {
            return closed ? Optional.empty() : Optional.of("its thread is gone");
        }
        boolean failing = failuresInARow.get() > FAILURES_FEW && now - failedNanos < FAILURE_RECENT.toNanos();
        if (pausing || failing) {
            return Optional.of(String.format(
                    Locale.ROOT, "failed %d times in a row, at last of: %s", failuresInARow.get(), failure));
        }
        if (period.isPresent()
                && inTurn
                && now - turnNanos > period.get().plus(TURN_GRACE).toNanos()) {
            return Optional.of("its turn takes longer than "
                    + period.get().plus(TURN_GRACE).toSeconds() + " s");
        }
        return Optional.empty();
    }

    /** Whether its thread is the one that asks. */
    private boolean isCurrent() {
        return Thread.currentThread().equals(thread);
    }

    /** Ends it after the present turn, for which it waits so long; then as {@link #close}. */
    public void finish(Duration limit) {
        closed = true;
        join(limit.toMillis());
        close();
    }

    /** Ends it: no further turn begins, and what the present one waits for is interrupted. Waits for up to 10 s. */
    @Override
    public void close() {
        closed = true;
        registration.close();
        thread.interrupt();
        join(END_MILLIS_MAX);
        if (thread.isAlive() && !isCurrent()) {
            log.atWarn().addKeyValue("loop", name).log("A loop does not end");
        }
    }

    private void join(long millis) {
        if (isCurrent()) {
            return;
        }
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
