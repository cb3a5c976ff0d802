package dev.mayfly.sandbox.network;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one sandbox may reach because it looked it up, and until when. State and time in, changes out; one caller at a time.
 */
final class Pins {
    /** Most of one sandbox: 64 destinations with 32 addresses, each over TCP and UDP. */
    static final int MAX = 4_096;

    /** A program may use an answer to the last moment of its life, and then needs a moment to connect. */
    private static final long GRACE_MS = 30_000;

    private static final long SHORTEST_MS = 120_000;

    /** What to change so that all are there long enough: those to drop come first. */
    record Change(List<Pin> drop, List<Pin> add, long timeoutMs) {}

    private final Map<Pin, Long> until = new HashMap<>();

    /** The change that gives each of them at least {@code ttlMs} more. Nothing is noted before {@link #done}. */
    Change plan(List<Pin> pins, long ttlMs, long nowMs) {
        long timeout = Math.max(SHORTEST_MS, 2 * ttlMs) + GRACE_MS;
        until.values().removeIf(end -> end <= nowMs);
        List<Pin> drop = new ArrayList<>();
        List<Pin> add = new ArrayList<>();
        for (Pin pin : pins) {
            Long end = until.get(pin);
            if (end == null) {
                add.add(pin);
            } else if (end - nowMs < ttlMs + GRACE_MS) {
                drop.add(pin); // The kernel keeps the old end of what is there.
                add.add(pin);
            }
        }
        int excess = until.size() + add.size() - drop.size() - MAX;
        if (excess > 0) {
            until.entrySet().stream()
                    .filter(entry -> !pins.contains(entry.getKey()))
                    .sorted(Comparator.comparingLong(Map.Entry::getValue))
                    .limit(excess)
                    .forEach(entry -> drop.add(entry.getKey()));
        }
        return new Change(drop, add, timeout);
    }

    /** The change was made at that time. */
    void done(Change change, long nowMs) {
        change.drop().forEach(until::remove);
        change.add().forEach(pin -> until.put(pin, nowMs + change.timeoutMs()));
    }

    /** Nothing is there any more. */
    void forget() {
        until.clear();
    }

    /** All that may still be there, in the kernel too. */
    List<Pin> all() {
        return List.copyOf(until.keySet());
    }
}
