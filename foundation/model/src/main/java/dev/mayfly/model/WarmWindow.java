package dev.mayfly.model;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * Times in which more instances are kept ready.
 *
 * @param start when it opens
 * @param length how long it stays open, 1 minute to 24 hours
 * @param zone where the clock hangs that {@code start} means
 * @param warm instances that are ready while it is open, 0 to 100
 */
public record WarmWindow(CronTimes start, Duration length, ZoneId zone, int warm) {
    private static final Duration LENGTH_MIN = Duration.ofMinutes(1);
    private static final Duration LENGTH_MAX = Duration.ofHours(24);

    public WarmWindow {
        if (length.compareTo(LENGTH_MIN) < 0 || length.compareTo(LENGTH_MAX) > 0) {
            throw InvalidFieldException.ofManifest("for", length, "1m to 24h");
        }
        Warmth.requireCount(warm);
    }

    boolean open(Instant now) {
        return start.last(now, zone, length)
                .filter(opened -> now.isBefore(opened.plus(length)))
                .isPresent();
    }
}
