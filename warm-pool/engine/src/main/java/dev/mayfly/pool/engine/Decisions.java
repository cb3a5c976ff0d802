package dev.mayfly.pool.engine;

import dev.mayfly.pool.core.Action;
import dev.mayfly.pool.core.PoolCore;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The one way to the core: under a lock that is never held while anything blocks. What is decided is noted under it and done
 * after it.
 */
final class Decisions {
    /** What happened, at this time. */
    interface Event {
        List<Action> tell(PoolCore core, Instant now);
    }

    /** Notes what an action means, and adds to the list what is to be done without the lock. */
    interface Executor {
        void note(Action action, Instant now, List<Runnable> after);
    }

    private final PoolCore core;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private Executor executor = (action, _, _) -> {
        throw new IllegalStateException("nobody executes " + action);
    };

    Decisions(PoolCore core, Clock clock) {
        this.core = core;
        this.clock = clock;
    }

    void executedBy(Executor next) {
        executor = next;
    }

    void decide(Event event) {
        List<Runnable> after = new ArrayList<>();
        lock.lock();
        try {
            Instant now = clock.instant();
            event.tell(core, now).forEach(action -> executor.note(action, now, after));
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
    }

    /** Reads what the lock guards. */
    <T> T read(Supplier<T> reader) {
        lock.lock();
        try {
            return reader.get();
        } finally {
            lock.unlock();
        }
    }

    void note(Runnable change) {
        lock.lock();
        try {
            change.run();
        } finally {
            lock.unlock();
        }
    }
}
