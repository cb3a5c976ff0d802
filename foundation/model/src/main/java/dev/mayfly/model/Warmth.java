package dev.mayfly.model;

import java.time.Instant;
import java.util.List;

/**
 * How warm a release is kept.
 *
 * @param keep by what it is decided when an idle instance goes
 * @param warm instances that are always ready, 0 to 100
 * @param windows times in which more are
 */
public record Warmth(Keep keep, int warm, List<WarmWindow> windows) {
    public static final Warmth DEFAULTS = new Warmth(Keep.LEARNED, 0, List.of());

    private static final int WARM_MAX = 100;
    private static final int WINDOWS_MAX = 16;

    /** By what it is decided when an idle instance goes. */
    public enum Keep {
        /** By when the app was called before. */
        LEARNED,
        /** After {@code idle-timeout}, and nothing is started ahead of a request. */
        FIXED;

        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    public Warmth {
        requireCount(warm);
        windows = List.copyOf(windows);
        if (windows.size() > WINDOWS_MAX) {
            throw InvalidFieldException.ofManifest(
                    "warm-window", windows.size() + " of them", "at most " + WINDOWS_MAX);
        }
    }

    /** How many are to be ready now. */
    public int warmAt(Instant now) {
        int most = warm;
        for (WarmWindow window : windows) {
            if (window.warm() > most && window.open(now)) {
                most = window.warm();
            }
        }
        return most;
    }

    static void requireCount(int warm) {
        if (warm < 0 || warm > WARM_MAX) {
            throw InvalidFieldException.ofManifest("warm", warm, "0 to " + WARM_MAX);
        }
    }
}
