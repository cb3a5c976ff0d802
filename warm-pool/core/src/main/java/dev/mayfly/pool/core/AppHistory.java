package dev.mayfly.pool.core;

import dev.mayfly.pool.core.keep.Habit;
import dev.mayfly.pool.core.keep.Plan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** What is remembered of an app across its releases: when it is called, and what a start of it costs. */
final class AppHistory {
    /** Of what a start cost so far, what remains after another. */
    private static final double MEMORY = 0.7;

    private final Habit habit;
    private @Nullable Instant idleSince;
    private boolean busy;
    private boolean overlaps;
    private @Nullable Plan plan;
    private Duration planned = Duration.ZERO;
    private double startNanos;

    AppHistory(Habit habit) {
        this.habit = habit;
    }

    /** A request came. */
    void busy(Instant now) {
        overlaps = busy;
        busy = true;
        if (idleSince != null) {
            habit.idleEnded(Duration.between(idleSince, now));
            idleSince = null;
            plan = null;
        }
    }

    /** The last request has left. */
    void idle(Instant now) {
        busy = false;
        overlaps = false;
        if (idleSince == null) {
            idleSince = now;
        }
    }

    /** It was deployed: somebody looks at it, whatever its habit. What went before says nothing of the next request. */
    void deployed(Instant now) {
        idleSince = now;
        plan = null;
    }

    /** An instance became ready after so long. */
    void startTook(Duration time) {
        startNanos = startNanos == 0 ? time.toNanos() : MEMORY * startNanos + (1 - MEMORY) * time.toNanos();
    }

    /** Zero if none is known. */
    Duration startTime() {
        return Duration.ofNanos(Math.round(startNanos));
    }

    /**
     * Whether the habit wants it loaded at this time, if no request comes until then. What was never idle has no habit.
     *
     * @param saves what a request would wait for if it were not
     */
    boolean loadedAt(Instant at, Duration saves) {
        return idleSince != null && plan(saves).loadedAt(Duration.between(idleSince, at));
    }

    /** Whether the next request is to be expected while this one is there: by what came just now, or by habit at once after it. */
    boolean loadedNext(Duration saves) {
        return overlaps || plan(saves).loadedAt(Duration.ZERO);
    }

    /** How long it has had no request; longer than anything if it never had one. */
    Duration idleFor(Instant now) {
        return idleSince == null ? ChronoUnit.FOREVER.getDuration() : Duration.between(idleSince, now);
    }

    /** What it is worth to keep an instance from now on: starts saved for each second. */
    double urgency(Instant now) {
        return idleSince == null ? 1 : habit.urgency(Duration.between(idleSince, now));
    }

    private Plan plan(Duration saves) {
        if (plan == null || !planned.equals(saves)) {
            plan = habit.plan(saves); // Not before it is asked for: an app in use is never idle for long enough.
            planned = saves;
        }
        return plan;
    }
}
