package dev.mayfly.pool.core.keep;

import java.time.Duration;

/** What is known of when one app is called. Owned by one thread at a time. */
public interface Habit {
    /** It had no request for so long, then one came. */
    void idleEnded(Duration idle);

    /**
     * When it is loaded, beginning with the moment at which its last request left.
     *
     * @param saves what a request would wait for if it were not
     */
    Plan plan(Duration saves);

    /**
     * What it is worth to keep it from now on if it has had no request for so long: starts saved for each second of it. Compares
     * apps when memory is short.
     */
    double urgency(Duration idle);
}
