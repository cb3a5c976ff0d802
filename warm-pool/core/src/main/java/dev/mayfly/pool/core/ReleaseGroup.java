package dev.mayfly.pool.core;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The instances of one release and the requests that wait for them. */
final class ReleaseGroup {
    /** A request that waits for a place. */
    record Waiter(long ticket, Instant since) {}

    final ReleaseToRun release;
    final Map<String, Slot> slots = new LinkedHashMap<>();
    final Deque<Waiter> waiters = new ArrayDeque<>();

    /** Starts that failed one after the other; a start that worked sets it back. */
    int failures;

    Instant startNotBefore = Instant.MIN;
    String lastFailure = "";

    ReleaseGroup(ReleaseToRun release) {
        this.release = release;
    }

    int starting() {
        return (int) slots.values().stream()
                .filter(slot -> slot.state == InstanceState.STARTING)
                .count();
    }

    /** The ready instance with the fewest requests: counted live, so no balance can go stale. */
    Optional<Slot> roomiest() {
        return slots.values().stream().filter(Slot::hasRoom).min(Comparator.comparingInt(slot -> slot.active));
    }

    /** Starts that the waiters still need beyond those under way. */
    int startsWanted() {
        int concurrency = release.spec().limits().concurrency();
        int needed = (waiters.size() + concurrency - 1) / concurrency;
        return Math.max(0, needed - starting());
    }

    void startWorked() {
        failures = 0;
        startNotBefore = Instant.MIN;
        lastFailure = "";
    }

    /** Doubles the pause from one second with every failure in a row, up to the limit. */
    void startFailed(Instant now, Duration max, String detail) {
        failures++;
        lastFailure = detail;
        if (failures > 1) {
            Duration pause = Duration.ofSeconds(1L << Math.min(failures - 2, 20));
            startNotBefore = now.plus(pause.compareTo(max) > 0 ? max : pause);
        }
    }

    boolean empty() {
        return slots.isEmpty() && waiters.isEmpty() && failures == 0;
    }
}
