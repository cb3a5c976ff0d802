package dev.mayfly.gateway.forward;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The timers of all calls of one event loop. One tick looks at every call in flight; a timer per call would cost a queue
 * operation at its start and another at its end, on a path where most calls last a millisecond.
 */
final class Deadlines {
    private final Set<Call> calls = Collections.newSetFromMap(new IdentityHashMap<>());

    void add(Call call) {
        calls.add(call);
    }

    void remove(Call call) {
        calls.remove(call);
    }

    /** Ends the calls whose time is over. */
    void tick(long nowNanos) {
        List<Call> over = new ArrayList<>(0);
        for (Call call : calls) {
            if (call.expired(nowNanos)) {
                over.add(call);
            }
        }
        // Only now: an ending call leaves the set.
        over.forEach(call -> call.expire(nowNanos));
    }
}
