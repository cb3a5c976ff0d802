package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.instance.Exchange;
import dev.mayfly.model.Isolation;
import dev.mayfly.pool.api.Lease;

/** A place in an instance, and the exchange by which a call uses it. */
record Place(Lease lease, Exchange exchange) {
    /**
     * Gives the place back when the instance is done with the request, which may be later than the caller is. That nobody waits
     * any more does not make an instance free, and it does not make it a bad one.
     */
    void giveBack(Call call, boolean broken) {
        if (exchange.over() || broken || call.release.spec().isolation() == Isolation.REQUEST) {
            close(broken);
        } else {
            boolean alone = call.release.spec().concurrency() == 1;
            exchange.leave(leftUntil(call), silent -> lease.end(silent && alone));
        }
    }

    /** Gives the place back now, and ends the connection if it is not over with. */
    void close(boolean broken) {
        exchange.close();
        lease.end(broken);
    }

    /** Until when an instance may go on with a request that nobody waits for, without a sign: as long as with one. */
    private static long leftUntil(Call call) {
        long wholly = call.timings.begun
                + call.release.spec().limits().requestTimeout().toNanos();
        long idle = call.calls.now() + call.calls.shared.limits().idleTimeout().toNanos();
        return wholly - idle > 0 ? wholly : idle;
    }
}
