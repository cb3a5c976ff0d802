package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.http.AnswerHead;
import dev.mayfly.gateway.http.CallerConnection;
import dev.mayfly.gateway.http.ErrorAnswer;
import dev.mayfly.gateway.http.RequestHead;
import dev.mayfly.gateway.http.TraceParent;
import dev.mayfly.gateway.instance.AnswerListener;
import dev.mayfly.gateway.instance.Exchange;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Isolation;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LeaseRequest;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.runtime.problem.Problem;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.AsyncResult;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
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
final class Call implements AnswerListener {
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
    private @Nullable Exchange exchange;
    private @Nullable Tunnel tunnel;
    private boolean retried;
    private boolean upgrading;
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
        calls.instances.open(got.instanceId(), got.address()).onComplete(result -> {
            if (phase == Phase.OVER) {
                if (result.succeeded()) {
                    result.result().close();
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
        // It is there, but others keep it from taking connections: that is theirs, not its own.
        boolean busy = cause instanceof ConnectTimeoutException;
        if (!retried) {
            retried = true;
            got.end(!busy);
            lease = null;
            lease();
            return;
        }
        lost(ErrorCode.RESPONSE_INVALID, busy ? "took no connection in time" : "refused the connection", !busy);
    }

    private void send(Exchange to) {
        exchange = to;
        phase = Phase.RUNNING;
        timings.sent();
        MultiMap fields = ForwardedHeaders.of(request, head, requestId, traceParent);
        String upgrade = head.upgrade();
        if (upgrade != null) {
            upgrading = true;
            fields.set(HttpHeaders.CONNECTION, "upgrade").set(HttpHeaders.UPGRADE, upgrade);
        } else if (head.bodyLength() == RequestHead.CHUNKED) {
            fields.set(HttpHeaders.TRANSFER_ENCODING, HttpHeaders.CHUNKED);
        } else if (head.bodyLength() > 0) {
            fields.set(HttpHeaders.CONTENT_LENGTH, String.valueOf(head.bodyLength()));
        }
        to.send(request.method().toNetty(), head.target(), ForwardedHeaders.netty(fields), bodyRead, this);
        if (!bodyRead) {
            sendBody(to);
        }
    }

    private void sendBody(Exchange to) {
        if (head.expectsContinue()) {
            response.writeContinue(); // An instance is there now and takes the body.
        }
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
            if (to.full()) {
                request.pause();
            }
        });
        request.endHandler(_ -> {
            bodyRead = true;
            to.end();
        });
        request.resume();
        to.flush(); // The head, if nothing of the body is here yet.
    }

    @Override
    public void drained() {
        if (!bodyRead && (phase == Phase.RUNNING || phase == Phase.ANSWERING)) {
            request.resume();
        }
    }

    @Override
    public void head(HttpResponse from) {
        if (phase != Phase.RUNNING) {
            return;
        }
        timings.answered();
        if (upgrading && from.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code()) {
            upgrade(from);
        } else {
            answer(from);
        }
    }

    private void answer(HttpResponse from) {
        int status = from.status().code();
        if (status < 200 || status > 999) {
            lost(ErrorCode.RESPONSE_INVALID, "answered with status " + status, false);
            return;
        }
        if (!copyHead(from, request.version())) {
            return;
        }
        phase = Phase.ANSWERING;
        mark(response.headers());
        if (!bodyRead) {
            // It answers before it has read all: what is left of the body cannot be told from a next request.
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        if (bodyLeft == 0) {
            answerEnded = true;
            response.end();
            return;
        }
        response.drainHandler(_ -> resume());
        flushHeadSoon();
    }

    private boolean copyHead(HttpResponse from, HttpVersion callerVersion) {
        try {
            bodyLeft = AnswerHead.copy(from, response, request.method(), callerVersion);
            return true;
        } catch (IllegalArgumentException e) {
            String most = "more than " + AnswerHead.FIELDS_MAX + " of them";
            lost(ErrorCode.RESPONSE_INVALID, "answered with fields that HTTP does not allow, or " + most, false);
            return false;
        }
    }

    private void resume() {
        if (exchange != null) {
            exchange.resume();
        }
    }

    @Override
    public void body(Buffer chunk) {
        Exchange from = exchange;
        if (phase != Phase.ANSWERING || answerEnded || from == null) {
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

    @Override
    public void end(io.netty.handler.codec.http.HttpHeaders trailers) {
        if (phase != Phase.ANSWERING) {
            return;
        }
        if (!answerEnded) {
            if (bodyLeft > 0) {
                cut();
                return;
            }
            AnswerHead.copyTrailers(trailers, response);
            response.end();
        }
        int status = response.getStatusCode();
        boolean unread = !bodyRead;
        boolean endsByClose = request.version() == HttpVersion.HTTP_1_0 && bodyLeft == AnswerHead.UNKNOWN;
        end(status, null, false);
        if (unread || endsByClose) {
            connection.closeSoon(request);
        }
    }

    private void upgrade(HttpResponse from) {
        Exchange instance = exchange;
        String protocol = from.headers().get(HttpHeaders.UPGRADE);
        if (instance == null || !copyHead(from, HttpVersion.HTTP_1_0)) {
            return;
        }
        if (protocol == null) {
            lost(ErrorCode.RESPONSE_INVALID, "answered with an upgrade to nothing", false);
            return;
        }
        phase = Phase.TUNNEL;
        Tunnel through = new Tunnel(instance, () -> end(101, null, false));
        tunnel = through;
        through.upgrade();
        mark(response.headers());
        response.putHeader(HttpHeaders.CONNECTION, "upgrade");
        response.putHeader(HttpHeaders.UPGRADE, protocol);
        request.toNetSocket().onComplete(upgrade -> {
            if (upgrade.failed()) {
                instance.close();
                end(CallRecord.CALLER_LEFT, null, false);
            } else {
                through.open(upgrade.result());
            }
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

    /** The connection to the instance broke before the answer was whole. */
    @Override
    public void broken(Throwable cause) {
        log.debug("An instance broke off; request={}", requestId, cause);
        if (phase == Phase.ANSWERING) {
            cut();
        } else if (phase == Phase.RUNNING) {
            boolean protocol = cause instanceof IllegalArgumentException || cause instanceof DecoderException;
            // Which of its connections an app ends is up to its code and to who calls it. Whether it still lives is
            // asked elsewhere.
            lost(
                    ErrorCode.RESPONSE_INVALID,
                    protocol
                            ? "answered with something that is not HTTP/1.1"
                            : "closed the connection without an answer",
                    false);
        }
    }

    /**
     * Asks the pool for the reason, for a moment: it learns of a death later than our socket does.
     *
     * @param broken whether it must not serve again even if it lives
     */
    private void lost(ErrorCode otherwise, String what, boolean broken) {
        phase = Phase.LOST;
        awaitDeath(
                otherwise,
                what,
                broken,
                System.nanoTime() + calls.shared.limits().deathWait().toNanos());
    }

    private void awaitDeath(ErrorCode otherwise, String what, boolean broken, long until) {
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
            fail(Outcome.of(otherwise, "Instance " + id + " " + what + ".", id), broken);
        } else {
            calls.vertx.setTimer(DEATH_POLL_MILLIS, _ -> awaitDeath(otherwise, what, broken, until));
        }
    }

    /** The answer broke off after its head: the caller must see that it is not whole. */
    private void cut() {
        if (answerEnded) {
            end(response.getStatusCode(), null, false);
        } else if (!response.headWritten() && !response.closed()) {
            lost(ErrorCode.RESPONSE_INVALID, "broke off its answer", false); // The caller has seen nothing of it.
        } else {
            connection.cut();
            end(response.getStatusCode(), ErrorCode.INSTANCE_DIED, false);
        }
    }

    private void callerLeft() {
        if (phase != Phase.OVER && phase != Phase.TUNNEL) {
            end(response.headWritten() ? response.getStatusCode() : CallRecord.CALLER_LEFT, null, false);
        }
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
            fail(
                    Outcome.of(
                            ErrorCode.TOTAL_TIMEOUT,
                            timer("total", limits.requestTimeout()) + " for the whole answer.",
                            id),
                    stuck());
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

    /** An instance that serves one request at a time, has all of this one and says nothing cannot serve others either. */
    private boolean stuck() {
        return phase == Phase.RUNNING && bodyRead && release.spec().concurrency() == 1;
    }

    private static String timer(String name, java.time.Duration limit) {
        return "The " + name + " timer ran out after " + dev.mayfly.runtime.config.ConfigReader.format(limit);
    }

    private boolean callerStalls() {
        return switch (phase) {
            case RUNNING -> exchange != null && !exchange.full();
            case ANSWERING -> response.writeQueueFull();
            default -> false;
        };
    }

    private void fail(Outcome why, boolean broken) {
        if (phase == Phase.OVER) {
            return;
        }
        boolean unread = !bodyRead;
        if (tunnel != null) {
            Tunnel through = tunnel;
            end(101, why.code(), broken);
            through.close();
        } else if (response.headWritten() || response.closed()) {
            connection.cut();
            end(response.getStatusCode(), why.code(), broken);
        } else {
            Problem problem = Problem.of(why.code(), why.detail())
                    .withRequestId(requestId)
                    .withInstance(why.instance());
            response.headers().clear();
            response.setChunked(false);
            response.setStatusMessage(
                    HttpResponseStatus.valueOf(problem.status()).reasonPhrase());
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
            release(held, broken);
        }
        if (leasing != null) {
            leasing.abandon(); // Else an instance would be started for nobody.
        }
        calls.shared.admission().leave(release.release().app());
        connection.callEnds();
        calls.ended(record(status, failure, held));
    }

    /**
     * Gives the place in the instance back when the instance is done with the request, which may be later than the caller is.
     * That nobody waits any more does not make an instance free, and it does not make it a bad one.
     */
    private void release(Lease held, boolean broken) {
        Exchange on = exchange;
        if (on == null || on.over()) {
            held.end(broken);
        } else if (broken || tunnel != null || release.spec().isolation() == Isolation.REQUEST) {
            on.close();
            held.end(broken);
        } else {
            boolean alone = release.spec().concurrency() == 1;
            on.leave(leftUntil(), silent -> held.end(silent && alone));
        }
    }

    /** Until when an instance may go on with a request that nobody waits for, without a sign: as long as with one. */
    private long leftUntil() {
        long wholly = timings.begun + release.spec().limits().requestTimeout().toNanos();
        long idle = System.nanoTime() + calls.shared.limits().idleTimeout().toNanos();
        return wholly - idle > 0 ? wholly : idle;
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
