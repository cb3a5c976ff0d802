package dev.mayfly.pool.engine;

import dev.mayfly.pool.api.LeaseOutcome;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who waits for a lease, by ticket. Guarded by the pool's lock. */
final class Waiters {
    /** One of them. */
    private record Waiter(
            Promise<LeaseOutcome> promise, @Nullable Context context, long since) {
        private void complete(LeaseOutcome outcome) {
            if (context == null || context.equals(Vertx.currentContext())) {
                promise.complete(outcome);
            } else {
                context.runOnContext(_ -> promise.complete(outcome));
            }
        }
    }

    private final Map<Long, Waiter> waiting = new HashMap<>();
    private long tickets;

    /** The ticket of one who waits on the present Vert.x context. */
    long add(Promise<LeaseOutcome> promise) {
        long ticket = ++tickets;
        waiting.put(ticket, new Waiter(promise, Vertx.currentContext(), System.nanoTime()));
        return ticket;
    }

    /**
     * Takes one out.
     *
     * @param outcome what it gets, by how long it has waited
     * @return tells it; to be run without the lock
     */
    Runnable answer(long ticket, Function<Duration, LeaseOutcome> outcome) {
        Waiter waiter = Objects.requireNonNull(waiting.remove(ticket), "a ticket is answered once");
        LeaseOutcome told = outcome.apply(Duration.ofNanos(System.nanoTime() - waiter.since()));
        return () -> waiter.complete(told);
    }

    /** Takes one out that does not wait any more. False: it has been answered. */
    boolean forget(long ticket) {
        return waiting.remove(ticket) != null;
    }
}
