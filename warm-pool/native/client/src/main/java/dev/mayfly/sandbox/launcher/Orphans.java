package dev.mayfly.sandbox.launcher;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a launcher has taken over of a predecessor and stands for no sandbox of this server yet. What they print waits here: it is
 * as much as the launcher sends without being told that it was taken. Safe from many threads.
 */
final class Orphans {
    /** Who is told what was printed, before anything else that is printed. */
    interface Heir {
        void printed(boolean stderr, byte[] bytes);
    }

    private static final class Printed {
        final List<Consumer<Heir>> pieces = new ArrayList<>();
        int bytes;
    }

    /** Labels by id. */
    private final Map<String, String> labels = new LinkedHashMap<>();

    private final Map<String, Printed> printed = new HashMap<>();

    /** Those whose end was told before they were listed. */
    private final Set<String> ended = new HashSet<>();

    /** Whether the launcher may speak of some that are not listed yet. */
    private boolean expected;

    Orphans(boolean expected) {
        this.expected = expected;
    }

    /** These are all; what others have printed was of some that have ended. */
    synchronized void listed(Map<String, String> all) {
        labels.putAll(all);
        labels.keySet().removeAll(ended);
        printed.keySet().retainAll(labels.keySet());
        ended.clear();
        expected = false;
    }

    synchronized Map<String, String> labels() {
        return Map.copyOf(labels);
    }

    /** Keeps it for whoever adopts the sandbox; false: nobody will. */
    synchronized boolean keep(String id, boolean stderr, byte[] bytes) {
        if (!expected && !labels.containsKey(id)) {
            return false;
        }
        Printed kept = printed.computeIfAbsent(id, _ -> new Printed());
        kept.pieces.add(heir -> heir.printed(stderr, bytes));
        kept.bytes += bytes.length;
        return true;
    }

    /** There is none of this id any more. Returns how many bytes were kept of it; empty: there was none. */
    synchronized OptionalInt forget(String id) {
        Printed kept = printed.remove(id);
        if (expected) {
            ended.add(id);
        }
        if (labels.remove(id) == null) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(kept == null ? 0 : kept.bytes);
    }

    /** Hands the sandbox over; then {@code after} is run, before anybody else learns of it. Empty: there is none of this id. */
    synchronized Optional<String> take(String id, Heir heir, Runnable after) {
        String label = labels.remove(id);
        if (label == null) {
            return Optional.empty();
        }
        Printed kept = printed.remove(id);
        if (kept != null) {
            kept.pieces.forEach(piece -> piece.accept(heir));
        }
        after.run();
        return Optional.of(label);
    }
}
