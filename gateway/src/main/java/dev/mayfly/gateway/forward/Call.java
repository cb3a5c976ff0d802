package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.http.CallerConnection;
import dev.mayfly.gateway.http.ErrorAnswer;
import dev.mayfly.gateway.http.RequestHead;
import dev.mayfly.gateway.http.TraceParent;
import dev.mayfly.gateway.instance.AnswerListener;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.runtime.problem.Problem;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: who asks for what, the {@link Phase} that it is in, and its single end. Whatever comes after its end (a late lease,
 * a late answer) is given back by the phase that asked for it. All of it runs on the event loop of the caller's connection. The
 * package's README has the phases, and who may end a call.
 */
final class Call implements AnswerListener {
    private static final Logger log = LoggerFactory.getLogger(Call.class);

    final Calls calls;
    final HttpServerRequest request;
    final HttpServerResponse response;
    final RequestHead head;
    final ReleaseToRun release;
    final CallerConnection connection;
    final String requestId;
    final String traceParent;
    final Timings timings;
    final RequestBody body;
    private final Instant at;
    private final CallTimers timers = new CallTimers(this);
    private Phase phase = Over.OVER;

    Call(Calls calls, HttpServerRequest request, RequestHead head, ReleaseToRun release, CallerConnection connection) {
        this.calls = calls;
        this.request = request;
        this.response = request.response();
        this.head = head;
        this.release = release;
        this.connection = connection;
        this.at = calls.shared.clocks().wall().instant();
        this.timings = new Timings(calls.shared.clocks().nanos());
        this.body = new RequestBody(this, !head.hasBody());
        String given = head.requestId();
        this.requestId = given == null ? calls.ids.next() : given;
        String parent = head.traceParent();
        this.traceParent = parent == null ? calls.ids.nextTraceParent() : parent;
    }

    void begin() {
        calls.deadlines.add(this);
        connection.callBegins();
        response.closeHandler(_ -> callerLeft());
        body.hold();
        Leasing.begin(this, false);
    }

    void enter(Phase next) {
        phase = next;
    }

    /** Whether what was asked for in this phase still matters. */
    boolean isIn(Phase asked) {
        return phase == asked;
    }

    @Override
    public void head(HttpResponse answer) {
        phase.head(answer);
    }

    @Override
    public void body(Buffer chunk) {
        phase.body(chunk);
    }

    @Override
    public void end(HttpHeaders trailers) {
        phase.end(trailers);
    }

    @Override
    public void drained() {
        phase.drained();
    }

    @Override
    public void broken(Throwable cause) {
        phase.broken(cause);
    }

    void bodyBroken(Throwable cause) {
        log.debug("A caller's body broke off; request={}", requestId, cause);
        phase.bodyBroken(cause);
    }

    private void callerLeft() {
        if (phase.endsWithCaller()) {
            end(response.headWritten() ? response.getStatusCode() : CallRecord.CALLER_LEFT, null, false);
        }
    }

    /** Whether one of the timers has run out. */
    boolean expired(long now) {
        return timers.ranOut(phase, now);
    }

    void expire(long now) {
        Outcome why = timers.why(phase, now);
        fail(why, why.code() == ErrorCode.TOTAL_TIMEOUT && phase.instanceStuck());
    }

    /**
     * Ends it without the app's whole answer; does nothing if it has ended.
     *
     * @param broken whether the instance must not serve again
     */
    void fail(Outcome why, boolean broken) {
        phase.fail(this, why, broken);
    }

    /** Says why there is no answer, or if there is half of one, shows the caller that it is not whole. Then ends the call. */
    void answerInstead(Outcome why, boolean broken) {
        if (response.headWritten() || response.closed()) {
            connection.cut();
            end(response.getStatusCode(), why.code(), broken);
            return;
        }
        Problem problem =
                Problem.of(why.code(), why.detail()).withRequestId(requestId).withInstance(why.instance());
        response.headers().clear();
        response.setChunked(false);
        response.setStatusMessage(HttpResponseStatus.valueOf(problem.status()).reasonPhrase());
        AnswerMarks.ofFailure(this, why.instance());
        int bytes = ErrorAnswer.send(connection, request, problem, why.retryAfter(), !body.whole());
        end(problem.status(), why.code(), broken, bytes);
    }

    /**
     * Ends it: the one place where a call ends, once.
     *
     * @param status what the caller got, for the record
     * @param failure why Mayfly answered in the app's place or cut the answer, or null
     * @param broken whether the instance must not serve again
     */
    void end(int status, @Nullable ErrorCode failure, boolean broken) {
        end(status, failure, broken, phase.bytesOut());
    }

    private void end(int status, @Nullable ErrorCode failure, boolean broken, long bytesOut) {
        Phase last = phase;
        if (last == Over.OVER) {
            return;
        }
        phase = Over.OVER;
        calls.deadlines.remove(this);
        last.giveBack(broken);
        calls.shared.admission().leave(release.release().app());
        connection.callEnds();
        calls.ended(record(last, status, failure, bytesOut));
    }

    private CallRecord record(Phase last, int status, @Nullable ErrorCode failure, long bytesOut) {
        long now = calls.now();
        return new CallRecord(
                at,
                release.release(),
                requestId,
                TraceParent.traceId(traceParent),
                request.method().name(),
                head.hostKey(),
                head.path(),
                status,
                last.bytesIn(this),
                bytesOut,
                timings.queueMicros(now),
                timings.startMicros(),
                timings.runMicros(now),
                timings.responseMicros(now),
                timings.start(),
                last.instance(),
                failure);
    }
}
