package dev.mayfly.pool.engine;

import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.LifeStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one instance lived in the last hour, in a bounded number of steps. Guarded by the pool's lock, and cheap: under load a
 * request takes one step off and puts one on.
 *
 * <p>A pause of less than a second between two requests is part of serving. If there are still too many steps, the shortest
 * pause goes: an instance may seem busier than it was, but no request is ever left out.
 */
final class Life {
    static final int STEPS_MAX = 40;
    static final Duration REMEMBERED = Duration.ofHours(1);
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);

    private final List<LifeStep> steps = new ArrayList<>();
    private @Nullable LifeStep told;

    Life(Instant bornAt) {
        steps.add(new LifeStep(LifeStage.STARTING, bornAt));
    }

    /** It is at this from now on. */
    void enter(LifeStage stage, Instant now) {
        LifeStep last = steps.getLast();
        if (last.stage() == stage) {
            return;
        }
        boolean lasted = last.since().isBefore(now);
        boolean breath = last.stage() == LifeStage.READY
                && stage == LifeStage.SERVING
                && steps.size() > 1
                && steps.get(steps.size() - 2).stage() == LifeStage.SERVING
                && last.since().plus(PAUSE_MIN).isAfter(now);
        if (breath || (last.stage().isPause() && !lasted)) {
            steps.removeLast();
        }
        if (steps.isEmpty() || steps.getLast().stage() != stage) {
            steps.add(new LifeStep(stage, now));
        }
        forget(now);
    }

    /** Its last request has left it. */
    void leaves(Instant now) {
        if (steps.getLast().stage() == LifeStage.SERVING) {
            enter(LifeStage.READY, now);
        }
    }

    private void forget(Instant now) {
        Instant oldest = now.minus(REMEMBERED);
        while (steps.size() > 1 && !steps.get(1).since().isAfter(oldest)) {
            steps.removeFirst();
        }
        if (steps.size() > STEPS_MAX) {
            int pause = shortestPause();
            steps.remove(pause);
            if (steps.get(pause).stage() == steps.get(pause - 1).stage()) {
                steps.remove(pause);
            }
        }
    }

    /** Of a life that long there is one: only pauses and requests come again and again. */
    private int shortestPause() {
        int shortest = -1;
        Duration least = REMEMBERED.multipliedBy(2);
        for (int i = 1; i < steps.size() - 1; i++) {
            Duration lasts =
                    Duration.between(steps.get(i).since(), steps.get(i + 1).since());
            if (steps.get(i).stage().isPause() && lasts.compareTo(least) < 0) {
                shortest = i;
                least = lasts;
            }
        }
        return shortest;
    }

    /** Oldest first. */
    List<LifeStep> steps() {
        return List.copyOf(steps);
    }

    /** Whether it has come to something since it was last told. */
    boolean isUntold() {
        return !steps.getLast().equals(told);
    }

    void told() {
        told = steps.getLast();
    }
}
