package dev.mayfly.pool.core;

import dev.mayfly.pool.api.InstanceState;
import java.time.Instant;

/** One instance as the core sees it. */
final class Slot {
    final String id;
    final ReleaseGroup group;
    InstanceState state = InstanceState.STARTING;
    int active;
    long served;
    Instant idleSince;

    /** Why it is going, once it is draining. */
    String reason = "";

    boolean reaping;

    Slot(String id, ReleaseGroup group, Instant now) {
        this.id = id;
        this.group = group;
        this.idleSince = now;
    }

    boolean hasRoom() {
        return state == InstanceState.READY
                && active < group.release.spec().limits().concurrency();
    }
}
