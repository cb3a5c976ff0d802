package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.http.AnswerHead;
import dev.mayfly.gateway.http.CallerConnection;
import dev.mayfly.gateway.http.ErrorAnswer;
import dev.mayfly.gateway.http.RequestHead;
import dev.mayfly.gateway.http.TraceParent;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LeaseRequest;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.runtime.problem.Problem;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call. It waits for a lease, sends the request on, streams the answer back and ends exactly once; whatever comes
 * after its end (a late lease, a late answer) is given back. All of it runs on the event loop of the caller's connection.
 */
final class Call {
    private static final Logger log = LoggerFactory.getLogger(Call.class);
    private static final CharSequence MAYFLY_START = HttpHeaders.createOptimized("mayfly-start");
    private static final CharSequence MAYFLY_INSTANCE = HttpHeaders.createOptimized("mayfly-instance");
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("server-timing");
    private static final Map<StartKind, CharSequence> START_KINDS = Arrays.stream(StartKind.values())
            .collect(Collectors.toUnmodifiableMap(kind -> kind, kind -> HttpHeaders.createOptimized(kind.wireName())));
    private static final long DEATH_POLL_MILLIS = 20;

    private enum Phase {
        LEASING,
        RUNNING,
        /** The instance broke off; the pool may yet say why. */
        LOST,
        ANSWERING,
        TUNNEL,
        OVER
    }

    private final Calls calls;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final RequestHead head;
    private final ReleaseToRun release;
    private final CallerConnection connection;
    private final String requestId;
    private final String traceParent;
    private final Instant at;
    private final Timings timings = new Timings();

    private Phase phase = Phase.LEASING;
    private @Nullable LeaseRequest leasing;
    private @Nullable Lease lease;
    private @Nullable HttpClientRequest upstream;
    private @Nullable Tunnel tunnel;
    private boolean retried;
    private boolean bodyRead;
    private boolean answerEnded;
    private long bodyLeft = AnswerHead.UNKNOWN;
    private long bytesIn;
    private long bytesOut;
    private long progressSeen = -1;
    private long progressAt;

    Call(Calls calls, HttpServerRequest request, RequestHead head, ReleaseToRun release, CallerConnection connection) {
        this.calls = calls;
        this.request = request;
        this.response = request.response();
        this.head = head;
        this.release = release;
        this.connection = connection;
        this.at = calls.shared.clock().instant();
        String given = head.requestId();
        this.requestId = given == null ? calls.ids.next() : given;
        String parent = head.traceParent();
        this.traceParent = parent == null ? calls.ids.nextTraceParent() : parent;
        this.bodyRead = !head.hasBody();
    }

    void begin() {
        calls.deadlines.add(this);
        connection.callBegins();
        response.closeHandler(_ -> callerLeft());
        if (!bodyRead) {
            request.pause(); // The body must not flow before an instance is there to take it.
        }
        lease();
    }

    private void lease() {
        LeaseRequest asked = calls.shared.leases().lease(release);
        leasing = asked;
        asked.outcome().onComplete(this::leased);
    }

    private void leased(AsyncResult<LeaseOutcome> result) {
        if (phase == Phase.OVER) {
            if (result.succeeded() && result.result() instanceof LeaseOutcome.Leased(Lease late)) {
                late.end(false); // Nobody waits for it any more.
            }
            return;
        }
        if (result.failed()) {
            log.error("The pool failed to lease; release={} request={}", release.release(), requestId, result.cause());
            fail(Outcome.of(ErrorCode.INTERNAL, "Mayfly failed; the server's log says why."), false);
            return;
        }
        leasing = null;
        switch (result.result()) {
            case LeaseOutcome.Leased(Lease got) -> connect(got);
            case LeaseOutcome.Saturated(ErrorCode code, String detail, var retryAfter) ->
                fail(new Outcome(code, detail, null, retryAfter), false);
            case LeaseOutcome.StartFailed(String instance, StartKind start, ErrorCode code, String detail) -> {
                boolean tried = !instance.isEmpty();
                if (tried) {
                    timings.startFailed(start);
                }
                fail(Outcome.of(code, detail, tried ? instance : null), false);
            }
        }
    }

    private void connect(Lease got) {
        lease = got;
        timings.leased(got);
        MultiMap headers = ForwardedHeaders.of(request, head, requestId, traceParent);
        if (head.bodyLength() > 0) {
            headers.set(HttpHeaders.CONTENT_LENGTH, String.valueOf(head.bodyLength()));
        }
        calls.instances.request(got, request.method(), head.target(), headers).onComplete(result -> {
            if (phase == Phase.OVER) {
                if (result.succeeded()) {
                    result.result().reset();
                }
            } else if (result.failed()) {
                refused(got, result.cause());
            } else {
                send(result.result());
            }
        });
    }

    /** No byte was sent, so nothing can happen twice: another instance may try, once. */
    private void refused(Lease got, Throwable cause) {
        log.debug("An instance refused a connection; instance={} request={}", got.instanceId(), requestId, cause);
        if (!retried) {
            retried = true;
            got.end(true);
            lease = null;
            lease();
            return;
        }
        lost(ErrorCode.RESPONSE_INVALID, "refused the connection");
    }

    private void send(HttpClientRequest to) {
        upstream = to;
        phase = Phase.RUNNING;
        timings.sent();
        String upgrade = head.upgrade();
        if (upgrade != null) {
            to.putHeader(HttpHeaders.CONNECTION, "upgrade").putHeader(HttpHeaders.UPGRADE, upgrade);
            to.connect().onComplete(this::upgraded);
            return;
        }
        to.response().onComplete(this::answered);
        if (bodyRead) {
            to.end();
            return;
        }
        if (head.bodyLength() == RequestHead.CHUNKED) {
            to.setChunked(true);
        }
        sendBody(to);
    }

    private void sendBody(HttpClientRequest to) {
        if (head.expectsContinue()) {
            response.writeContinue(); // An instance is there now and takes the body.
        }
        to.exceptionHandler(this::broken);
        to.drainHandler(_ -> request.resume());
        request.exceptionHandler(this::callerBroken);
        request.handler(chunk -> {
            bytesIn += chunk.length();
            if (bytesIn > calls.shared.limits().bodyBytesMax()) {
                fail(
                        Outcome.of(
                                ErrorCode.TOO_LARGE,
                                "body: above " + calls.shared.limits().bodyBytesMax() + " bytes"),
                        false);
                return;
            }
            to.write(chunk);
            if (to.writeQueueFull()) {
                request.pause();
            }
        });
        request.endHandler(_ -> {
            bodyRead = true;
            if (phase != Phase.OVER && phase != Phase.LOST) {
                to.end();
            }
        });
        request.resume();
    }

    private void answered(AsyncResult<HttpClientResponse> result) {
        if (phase != Phase.RUNNING) {
            return;
        }
        if (result.failed()) {
            broken(result.cause());
            return;
        }
        answer(result.result());
    }

    private void answer(HttpClientResponse from) {
        timings.answered();
        if (from.statusCode() < 200 || from.statusCode() > 999) {
            lost(ErrorCode.RESPONSE_INVALID, "answered with status " + from.statusCode());
            return;
        }
        phase = Phase.ANSWERING;
        try {
            bodyLeft = AnswerHead.copy(from, response, request.method(), request.version());
        } catch (IllegalArgumentException e) {
            lost(ErrorCode.RESPONSE_INVALID, "answered with a header field that HTTP does not allow");
            return;
        }
        mark(response.headers());
        if (!bodyRead) {
            // It answers before it has read all: what is left of the body cannot be told from a next request.
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        from.exceptionHandler(_ -> cut());
        from.endHandler(_ -> answerEnds(from));
        if (bodyLeft == 0) {
            answerEnded = true;
            response.end();
            return;
        }
        response.drainHandler(_ -> from.resume());
        from.handler(chunk -> relay(from, chunk));
        flushHeadSoon();
    }

    private void relay(HttpClientResponse from, Buffer chunk) {
        if (phase != Phase.ANSWERING || answerEnded) {
            return;
        }
        bytesOut += chunk.length();
        if (bodyLeft != AnswerHead.UNKNOWN) {
            bodyLeft -= chunk.length();
            if (bodyLeft == 0) {
                answerEnded = true;
                response.end(chunk); // Head, body and end in one write, for most answers.
                return;
            }
        }
        response.write(chunk);
        if (response.writeQueueFull()) {
            from.pause();
        }
    }

    /** A head whose body is slow to come must not wait for it; one whose body is already here goes with it. */
    private void flushHeadSoon() {
        if (request.version() == HttpVersion.HTTP_1_0 && bodyLeft == AnswerHead.UNKNOWN) {
            return; // Vert.x cannot write such a head alone.
        }
        calls.vertx.runOnContext(_ -> {
            if (phase == Phase.ANSWERING && !response.headWritten() && !response.closed()) {
                response.writeHead();
            }
        });
    }

    private void answerEnds(HttpClientResponse from) {
        if (phase != Phase.ANSWERING) {
            return;
        }
        if (!answerEnded) {
            if (bodyLeft > 0) {
                cut();
                return;
            }
            AnswerHead.copyTrailers(from, response);
            response.end();
        }
        int status = response.getStatusCode();
        boolean unread = !bodyRead;
        boolean endsByClose = request.version() == HttpVersion.HTTP_1_0 && bodyLeft == AnswerHead.UNKNOWN;
        if (unread && upstream != null) {
            upstream.reset();
        }
        end(status, null, false);
        if (unread || endsByClose) {
            connection.closeSoon(request);
        }
    }

    private void upgraded(AsyncResult<HttpClientResponse> result) {
        if (phase != Phase.RUNNING) {
            return;
        }
        if (result.failed()) {
            broken(result.cause());
            return;
        }
        HttpClientResponse from = result.result();
        if (from.statusCode() != 101) {
            answer(from);
            return;
        }
        timings.answered();
        phase = Phase.TUNNEL;
        NetSocket instance = from.netSocket();
        instance.pause();
        AnswerHead.copy(from, response, request.method(), HttpVersion.HTTP_1_0);
        mark(response.headers());
        response.putHeader(HttpHeaders.CONNECTION, "upgrade");
        response.putHeader(HttpHeaders.UPGRADE, from.getHeader(HttpHeaders.UPGRADE));
        request.toNetSocket().onComplete(upgrade -> {
            if (upgrade.failed() || phase == Phase.OVER) {
                instance.close();
                end(CallRecord.CALLER_LEFT, null, false);
                return;
            }
            tunnel = new Tunnel(upgrade.result(), instance, () -> end(101, null, false));
            tunnel.open();
        });
    }

    /** What it met and where the time went, on every answer to a call, Mayfly's own too. */
    private void markTimes(MultiMap headers) {
        StartKind start = timings.start();
        if (start != null) {
            headers.set(MAYFLY_START, START_KINDS.get(start));
        }
        headers.add(SERVER_TIMING, timings.serverTiming(System.nanoTime()));
    }

    private void mark(MultiMap headers) {
        markTimes(headers);
        if (lease != null) {
            headers.set(MAYFLY_INSTANCE, lease.instanceId());
        }
        headers.set(REQUEST_ID, requestId);
    }

    /** The connection to the instance broke. */
    private void broken(Throwable cause) {
        if (phase == Phase.ANSWERING) {
            return; // It did not want the rest of the body; its answer tells how this ends.
        }
        if (phase == Phase.RUNNING) {
            log.debug("An instance broke off; request={}", requestId, cause);
            boolean protocol = cause instanceof IllegalArgumentException
                    || cause instanceof io.netty.handler.codec.DecoderException
                    || cause instanceof io.netty.handler.codec.TooLongFrameException;
            lost(
                    ErrorCode.RESPONSE_INVALID,
                    protocol
                            ? "answered with something that is not HTTP/1.1"
                            : "closed the connection without an answer");
        }
    }

    /** Asks the pool for the reason, for a moment: it learns of a death later than our socket does. */
    private void lost(ErrorCode otherwise, String what) {
        phase = Phase.LOST;
        awaitDeath(
                otherwise,
                what,
                System.nanoTime() + calls.shared.limits().deathWait().toNanos());
    }

    private void awaitDeath(ErrorCode otherwise, String what, long until) {
        Lease held = lease;
        if (phase != Phase.LOST || held == null) {
            return;
        }
        Optional<String> reason = held.diedOf();
        String id = held.instanceId();
        if (reason.isPresent()) {
            fail(
                    Outcome.of(
                            ErrorCode.INSTANCE_DIED,
                            "Instance " + id + " died while it served this request: " + reason.get(),
                            id),
                    true);
        } else if (System.nanoTime() - until >= 0) {
            fail(Outcome.of(otherwise, "Instance " + id + " " + what + ".", id), true);
        } else {
            calls.vertx.setTimer(DEATH_POLL_MILLIS, _ -> awaitDeath(otherwise, what, until));
        }
    }

    /** The answer broke off after its head: the caller must see that it is not whole. */
    private void cut() {
        if (phase == Phase.ANSWERING) {
            if (answerEnded) {
                end(response.getStatusCode(), null, true);
                return;
            }
            response.reset();
            end(response.getStatusCode(), ErrorCode.INSTANCE_DIED, true);
        }
    }

    private void callerLeft() {
        if (phase == Phase.OVER || phase == Phase.TUNNEL) {
            return;
        }
        if (upstream != null) {
            upstream.reset(); // The app learns that nobody waits.
        }
        end(response.headWritten() ? response.getStatusCode() : CallRecord.CALLER_LEFT, null, false);
    }

    /** The caller's body is not what it announced. */
    private void callerBroken(Throwable cause) {
        log.debug("A caller's body broke off; request={}", requestId, cause);
        if (phase == Phase.RUNNING && !response.closed()) {
            fail(Outcome.of(ErrorCode.INVALID_REQUEST, "body: not as announced (expected: RFC 9112 framing)"), false);
        }
    }

    /** Whether one of the timers has run out, by a look that is cheap enough for every call on every tick. */
    boolean expired(long now) {
        return now - timings.begun > release.spec().limits().requestTimeout().toNanos()
                || (phase == Phase.LEASING && now - timings.begun > leaseNanos())
                || idle(now);
    }

    private long leaseNanos() {
        return calls.shared.limits().queueTimeout().toNanos()
                + release.spec().limits().startTimeout().toNanos();
    }

    private boolean idle(long now) {
        boolean moving = phase == Phase.ANSWERING || phase == Phase.TUNNEL || (phase == Phase.RUNNING && !bodyRead);
        long progress = moving ? bytesIn + bytesOut + (tunnel == null ? 0 : tunnel.bytes()) : -1;
        if (!moving || progress != progressSeen) {
            progressSeen = progress;
            progressAt = now;
            return false;
        }
        return now - progressAt > calls.shared.limits().idleTimeout().toNanos();
    }

    void expire(long now) {
        var limits = release.spec().limits();
        String id = lease == null ? null : lease.instanceId();
        if (now - timings.begun > limits.requestTimeout().toNanos()) {
            // An instance that serves one request at a time is stuck in this one.
            fail(
                    Outcome.of(
                            ErrorCode.TOTAL_TIMEOUT,
                            timer("total", limits.requestTimeout()) + " for the whole answer.",
                            id),
                    release.spec().concurrency() == 1);
        } else if (phase == Phase.LEASING) {
            fail(
                    Outcome.of(
                            ErrorCode.QUEUE_TIMEOUT,
                            timer("queue", calls.shared.limits().queueTimeout()) + " for a place in an instance."),
                    false);
        } else if (callerStalls()) {
            fail(
                    Outcome.of(
                            ErrorCode.REQUEST_TIMEOUT,
                            timer("idle", calls.shared.limits().idleTimeout()) + " for the caller."),
                    false);
        } else {
            fail(
                    Outcome.of(
                            ErrorCode.IDLE_TIMEOUT,
                            timer("idle", calls.shared.limits().idleTimeout()) + " for the app to go on.",
                            id),
                    false);
        }
    }

    private static String timer(String name, java.time.Duration limit) {
        return "The " + name + " timer ran out after " + dev.mayfly.runtime.config.ConfigReader.format(limit);
    }

    private boolean callerStalls() {
        return switch (phase) {
            case RUNNING -> upstream != null && !upstream.writeQueueFull();
            case ANSWERING -> response.writeQueueFull();
            default -> false;
        };
    }

    private void fail(Outcome why, boolean broken) {
        if (phase == Phase.OVER) {
            return;
        }
        boolean unread = !bodyRead;
        if (upstream != null) {
            upstream.reset();
        }
        if (tunnel != null) {
            tunnel.close();
            end(101, why.code(), broken);
        } else if (response.headWritten() || response.closed()) {
            response.reset();
            end(response.getStatusCode(), why.code(), broken);
        } else {
            Problem problem = Problem.of(why.code(), why.detail())
                    .withRequestId(requestId)
                    .withInstance(why.instance());
            response.headers().clear();
            markTimes(response.headers());
            if (why.instance() != null) {
                response.putHeader(MAYFLY_INSTANCE, why.instance());
            }
            bytesOut = ErrorAnswer.send(connection, request, problem, why.retryAfter(), unread);
            end(problem.status(), why.code(), broken);
        }
    }

    private void end(int status, @Nullable ErrorCode failure, boolean broken) {
        if (phase == Phase.OVER) {
            return;
        }
        phase = Phase.OVER;
        calls.deadlines.remove(this);
        Lease held = lease;
        if (held != null) {
            held.end(broken);
        }
        if (leasing != null) {
            leasing.abandon(); // Else an instance would be started for nobody.
        }
        calls.shared.admission().leave(release.release().app());
        connection.callEnds();
        calls.ended(record(status, failure, held));
    }

    private CallRecord record(int status, @Nullable ErrorCode failure, @Nullable Lease held) {
        long now = System.nanoTime();
        Tunnel through = tunnel;
        return new CallRecord(
                at,
                release.release(),
                requestId,
                TraceParent.traceId(traceParent),
                request.method().name(),
                head.hostKey(),
                head.path(),
                status,
                through == null ? bytesIn : through.bytesIn(),
                through == null ? bytesOut : through.bytesOut(),
                timings.queueMicros(now),
                timings.startMicros(),
                timings.runMicros(now),
                timings.responseMicros(now),
                timings.start(),
                held == null ? null : held.instanceId(),
                failure);
    }
}
