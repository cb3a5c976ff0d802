package dev.mayfly.gateway.forward;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LeaseRequest;
import dev.mayfly.pool.api.StartKind;
import io.vertx.core.AsyncResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pool has been asked for a place in an instance. */
final class Leasing implements Phase {
    private static final Logger log = LoggerFactory.getLogger(Leasing.class);

    private final Call call;
    private final LeaseRequest asked;

    /** Whether an instance has refused this call already. */
    private final boolean again;

    private Leasing(Call call, LeaseRequest asked, boolean again) {
        this.call = call;
        this.asked = asked;
        this.again = again;
    }

    static void begin(Call call, boolean again) {
        LeaseRequest asked = call.calls.shared.leases().lease(call.release);
        Leasing leasing = new Leasing(call, asked, again);
        call.enter(leasing);
        asked.outcome().onComplete(leasing::answered);
    }

    private void answered(AsyncResult<LeaseOutcome> result) {
        if (!call.isIn(this)) {
            if (result.succeeded() && result.result() instanceof LeaseOutcome.Leased(Lease late)) {
                late.end(false); // Nobody waits for it any more.
            }
        } else if (result.failed()) {
            log.error(
                    "The pool failed to lease; release={} request={}",
                    call.release.release(),
                    call.requestId,
                    result.cause());
            call.fail(Outcome.of(ErrorCode.INTERNAL, "Mayfly failed; the server's log says why."), false);
        } else {
            switch (result.result()) {
                case LeaseOutcome.Leased(Lease lease) -> Connecting.begin(call, lease, again);
                case LeaseOutcome.Saturated(ErrorCode code, String detail, var retryAfter) ->
                    call.fail(new Outcome(code, detail, null, retryAfter), false);
                case LeaseOutcome.StartFailed failed -> startFailed(failed);
            }
        }
    }

    private void startFailed(LeaseOutcome.StartFailed failed) {
        String instance = failed.instanceId();
        StartKind start = failed.start();
        boolean tried = !instance.isEmpty();
        if (tried) {
            call.timings.startFailed(start);
        }
        call.fail(Outcome.of(failed.code(), failed.detail(), tried ? instance : null), false);
    }

    @Override
    public boolean waitsForInstance() {
        return true;
    }

    @Override
    public void giveBack(boolean broken) {
        if (!asked.outcome().isComplete()) {
            asked.abandon(); // Else an instance would be started for nobody.
        }
    }
}
