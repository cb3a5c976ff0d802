package dev.mayfly.runtime.health;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;

/**
 * The checks of all rooms in one place. Usable from any thread; starts no thread by itself until somebody asks.
 *
 * <p>A room says what it can do: {@code health.add(Part.DATABASE, "query", () -> store.works() ? Optional.empty() :
 * Optional.of("…"))}. What must run as long as the server does is run by {@link #loop} or {@link #every}, whose state is a check
 * as well.
 */
public final class Health {
    /** A check that has not answered by then counts as not working, until it answers. */
    public static final Duration CHECK_LIMIT = Duration.ofSeconds(2);

    /** So old may be what is told: asking often costs no more than asking once. */
    static final Duration FRESH = Duration.ofSeconds(1);

    private final ThreadFactory threads;
    private final List<Watched> checks = new CopyOnWriteArrayList<>();
    private List<Trouble> last = List.of();
    private long lastNanos;
    private boolean asked;

    public Health() {
        this(Thread.ofVirtual().factory());
    }

    /** @param threads of the checks, one for each time that one is asked */
    Health(ThreadFactory threads) {
        this.threads = threads;
    }

    /** Takes a check up. Close what is returned when the part that it looks at is closed. */
    public Registration add(Part part, String name, Check check) {
        Watched watched = new Watched(part, name, check);
        checks.add(watched);
        return () -> checks.remove(watched);
    }

    /** Ends a check. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Starts a loop that lasts as long as the server: on a thread of its own, one turn after the other.
     *
     * @param turn one turn; what it waits for it must keep outside of itself, as it may end by any exception
     * @return to be closed; this interrupts the turn
     */
    public Supervised loop(Part part, String name, Supervised.Turn turn) {
        return new Supervised(this, part, name, Optional.empty(), turn).start();
    }

    /** Starts a loop that waits for so long before each turn; a turn that lasts a minute longer than that is a trouble. */
    public Supervised every(Part part, String name, Duration period, Supervised.Turn turn) {
        return new Supervised(this, part, name, Optional.of(period), turn).start();
    }

    /** What does not work at the moment, a second old at most. Blocks for {@link #CHECK_LIMIT} at most. */
    public synchronized List<Trouble> troubles() throws InterruptedException {
        long now = System.nanoTime();
        if (asked && now - lastNanos < FRESH.toNanos()) {
            return last;
        }
        checks.forEach(each -> each.begin(threads));
        long deadline = now + CHECK_LIMIT.toNanos();
        List<Trouble> found = new ArrayList<>();
        for (Watched each : checks) {
            each.troubleBy(deadline).ifPresent(found::add);
        }
        last = List.copyOf(found);
        lastNanos = System.nanoTime();
        asked = true;
        return last;
    }
}
