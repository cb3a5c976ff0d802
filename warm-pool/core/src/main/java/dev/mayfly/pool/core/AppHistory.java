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
    private @Nullable Plan plan;
    private double startMillis;

    AppHistory(Habit habit) {
        this.habit = habit;
    }

    /** A request came. */
    void busy(Instant now) {
        if (idleSince != null) {
            habit.idleEnded(Duration.between(idleSince, now));
            idleSince = null;
            plan = null;
        }
    }

    /** The last request has left. */
    void idle(Instant now) {
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
        startMillis = startMillis == 0 ? time.toMillis() : MEMORY * startMillis + (1 - MEMORY) * time.toMillis();
    }

    Duration startTime() {
        return Duration.ofMillis(Math.round(startMillis));
    }

    /** Whether the habit wants it loaded at this time, if no request comes until then. What was never idle has no habit. */
    boolean loadedAt(Instant at) {
        return idleSince != null && plan().loadedAt(Duration.between(idleSince, at));
    }

    /** How long it has had no request; longer than anything if it never had one. */
    Duration idleFor(Instant now) {
        return idleSince == null ? ChronoUnit.FOREVER.getDuration() : Duration.between(idleSince, now);
    }

    /** What it is worth to keep an instance from now on: starts saved for each second. */
    double urgency(Instant now) {
        return idleSince == null ? 1 : habit.urgency(Duration.between(idleSince, now));
    }

    private Plan plan() {
        if (plan == null) {
            plan = habit.plan(); // Not before it is asked for: an app in use is never idle for long enough.
        }
        return plan;
    }
}
