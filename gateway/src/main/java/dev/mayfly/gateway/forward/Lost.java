package dev.mayfly.gateway.forward;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.Death;
import dev.mayfly.pool.api.Lease;
import java.util.Optional;

/**
 * The instance refused or broke off before the caller had anything of its answer. The pool is asked for the reason for a
 * moment: it learns of a death later than our socket does.
 */
final class Lost implements Phase {
    private static final long POLL_MILLIS = 20;

    private final Call call;

    /** Where the instance was lost; what the call holds is held there. */
    private final Phase before;

    private final Lease lease;
    private final String what;
    private final boolean broken;
    private final long untilNanos;

    private Lost(Call call, Phase before, Lease lease, String what, boolean broken) {
        this.call = call;
        this.before = before;
        this.lease = lease;
        this.what = what;
        this.broken = broken;
        this.untilNanos =
                call.calls.now() + call.calls.shared.limits().deathWait().toNanos();
    }

    /**
     * @param what the instance did, for the caller
     * @param broken whether the instance must not serve again even if it lives
     */
    static void begin(Call call, Phase before, Lease lease, String what, boolean broken) {
        Lost lost = new Lost(call, before, lease, what, broken);
        call.enter(lost);
        lost.ask();
    }

    private void ask() {
        if (!call.isIn(this)) {
            return;
        }
        Optional<Death> death = lease.death();
        String id = lease.instanceId();
        if (death.isPresent()) {
            String detail = "Instance " + id + " died while it served this request: "
                    + death.get().describe();
            call.fail(Outcome.of(ErrorCode.INSTANCE_DIED, detail, id), true);
        } else if (call.calls.now() - untilNanos >= 0) {
            call.fail(Outcome.of(ErrorCode.RESPONSE_INVALID, "Instance " + id + " " + what + ".", id), broken);
        } else {
            call.calls.vertx.setTimer(POLL_MILLIS, _ -> ask());
        }
    }

    @Override
    public String instance() {
        return lease.instanceId();
    }

    @Override
    public void giveBack(boolean brokenNow) {
        before.giveBack(brokenNow);
    }
}
