package dev.mayfly.pool.core.keep;

import java.time.Duration;
import java.util.List;

/**
 * When an idle app is loaded.
 *
 * @param windows by the time since its last request left, in order, none touching the next; without a request it is gone
 *     after the last
 */
public record Plan(List<Window> windows) {
    /** Loaded from this age on until just before that one. */
    public record Window(Duration from, Duration until) {
        public Window {
            if (from.isNegative() || until.compareTo(from) <= 0) {
                throw new IllegalArgumentException(
                        "window: " + from + " to " + until + " (expected: from below until)");
            }
        }

        boolean has(Duration age) {
            return age.compareTo(from) >= 0 && age.compareTo(until) < 0;
        }
    }

    public static final Plan NEVER = new Plan(List.of());

    public Plan {
        windows = List.copyOf(windows);
    }

    /** Loaded at once, for so long. */
    public static Plan keepFor(Duration time) {
        return new Plan(List.of(new Window(Duration.ZERO, time)));
    }

    public boolean loadedAt(Duration age) {
        for (Window window : windows) {
            if (window.has(age)) {
                return true;
            }
        }
        return false;
    }
}
