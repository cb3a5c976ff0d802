package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.instance.Exchange;
import dev.mayfly.pool.api.Lease;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.AsyncResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** There is a lease, and a connection to its instance is looked for. Nothing of the request has been sent. */
final class Connecting implements Phase {
    private static final Logger log = LoggerFactory.getLogger(Connecting.class);

    private final Call call;
    private final Lease lease;
    private final boolean again;

    private Connecting(Call call, Lease lease, boolean again) {
        this.call = call;
        this.lease = lease;
        this.again = again;
    }

    /** @param again whether another instance has refused this call already */
    static void begin(Call call, Lease lease, boolean again) {
        Connecting connecting = new Connecting(call, lease, again);
        call.enter(connecting);
        call.timings.leased(lease);
        call.calls.instances.open(lease.instanceId(), lease.address()).onComplete(connecting::connected);
    }

    private void connected(AsyncResult<Exchange> result) {
        if (!call.isIn(this)) {
            if (result.succeeded()) {
                result.result().close();
            }
        } else if (result.failed()) {
            refused(result.cause());
        } else {
            Running.begin(call, new Place(lease, result.result()));
        }
    }

    /** No byte was sent, so nothing can happen twice: another instance may try, once. */
    private void refused(Throwable cause) {
        log.debug("An instance refused a connection; instance={} request={}", instance(), call.requestId, cause);
        // It is there, but others keep it from taking connections: that is theirs, not its own.
        boolean busy = cause instanceof ConnectTimeoutException;
        if (again) {
            Lost.begin(call, this, lease, busy ? "took no connection in time" : "refused the connection", !busy);
        } else {
            lease.end(!busy);
            Leasing.begin(call, true);
        }
    }

    @Override
    public String instance() {
        return lease.instanceId();
    }

    @Override
    public boolean waitsForInstance() {
        return true;
    }

    @Override
    public void giveBack(boolean broken) {
        lease.end(broken);
    }
}
