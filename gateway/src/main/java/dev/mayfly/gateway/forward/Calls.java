package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.admission.Admission;
import dev.mayfly.gateway.calls.CallMetrics;
import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.calls.CallSink;
import dev.mayfly.gateway.http.CallerConnection;
import dev.mayfly.gateway.http.RequestHead;
import dev.mayfly.gateway.http.RequestIds;
import dev.mayfly.gateway.instance.Instances;
import dev.mayfly.pool.api.Leases;
import dev.mayfly.pool.api.ReleaseToRun;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls of one event loop: what they share, and their timers. Confined to that loop. */
public final class Calls {
    private static final Logger log = LoggerFactory.getLogger(Calls.class);

    /** What all event loops share. */
    public record Shared(
            Leases leases, Admission admission, CallSink sink, CallMetrics metrics, CallLimits limits, Clocks clocks) {}

    final Vertx vertx;
    final Shared shared;
    final Instances instances;
    final RequestIds ids;
    final Deadlines deadlines = new Deadlines();

    public Calls(Vertx vertx, Shared shared, RequestIds ids) {
        this.vertx = vertx;
        this.shared = shared;
        this.ids = ids;
        CallLimits limits = shared.limits();
        this.instances =
                new Instances(vertx, shared.clocks().nanos(), limits.connectTimeout(), limits.connectionsPerInstance());
    }

    /** Takes a call that was let in and answers it. */
    public void begin(HttpServerRequest request, RequestHead head, ReleaseToRun release, CallerConnection connection) {
        new Call(this, request, head, release, connection).begin();
    }

    /**
     * Looks at the timers. On the event loop, several times a second.
     *
     * @param now by the gateway's clock, in nanoseconds
     */
    public void tick(long now) {
        deadlines.tick(now);
        instances.tick(now);
    }

    /** Ends the connections to instances that no call is on. */
    public void close() {
        instances.close();
    }

    /** The time by which calls are timed, in nanoseconds. */
    long now() {
        return shared.clocks().nanos().getAsLong();
    }

    void ended(CallRecord call) {
        shared.metrics().ended(call);
        try {
            shared.sink().ended(call);
        } catch (RuntimeException e) {
            log.error("A call could not be recorded; request={}", call.requestId(), e);
        }
    }
}
