package dev.mayfly.functions.java.shim;

import java.util.concurrent.atomic.AtomicBoolean;

/** How many requests this process answers: many, or one and the end. */
final class Turns {
    /** What whoever asks with a request gets. */
    enum Turn {
        ONE_OF_MANY,
        LAST,
        NONE
    }

    private final boolean once;
    private final Runnable end;
    private final AtomicBoolean taken = new AtomicBoolean();

    private Turns(boolean once, Runnable end) {
        this.once = once;
        this.end = end;
    }

    static Turns many() {
        return new Turns(false, () -> {});
    }

    /** @param end runs when the one request has had its answer, or its caller has left */
    static Turns once(Runnable end) {
        return new Turns(true, end);
    }

    /** For a request that is no question for readiness. */
    Turn take() {
        if (!once) {
            return Turn.ONE_OF_MANY;
        }
        return taken.compareAndSet(false, true) ? Turn.LAST : Turn.NONE;
    }

    void over() {
        end.run();
    }
}
