package dev.mayfly.gateway.admission;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts calls in flight and refuses those above the bounds. Shared by all event loops; never waits. */
public final class Admission {
    private final int totalMax;
    private final int perAppMax;
    private final AtomicInteger total = new AtomicInteger();
    private final ConcurrentHashMap<AppRef, AtomicInteger> perApp = new ConcurrentHashMap<>();

    public Admission(int totalMax, int perAppMax) {
        this.totalMax = totalMax;
        this.perAppMax = perAppMax;
    }

    /** Lets a call in and returns null, or says why not. Who got in must {@link #leave} once. */
    public @Nullable ErrorCode enter(AppRef app) {
        if (total.incrementAndGet() > totalMax) {
            total.decrementAndGet();
            return ErrorCode.CAPACITY_EXHAUSTED;
        }
        if (inApp(app).incrementAndGet() > perAppMax) {
            leave(app);
            return ErrorCode.RATE_LIMITED;
        }
        return null;
    }

    public void leave(AppRef app) {
        inApp(app).decrementAndGet();
        total.decrementAndGet();
    }

    /** Calls in flight. */
    public int inFlight() {
        return total.get();
    }

    private AtomicInteger inApp(AppRef app) {
        AtomicInteger count = perApp.get(app); // A plain read first: computeIfAbsent may lock.
        return count == null ? perApp.computeIfAbsent(app, _ -> new AtomicInteger()) : count;
    }
}
