package dev.mayfly.gateway;

import dev.mayfly.gateway.forward.Calls;
import dev.mayfly.gateway.http.CallerConnection;
import dev.mayfly.gateway.http.CallerConnections;
import dev.mayfly.gateway.http.ErrorAnswer;
import dev.mayfly.gateway.http.Fault;
import dev.mayfly.gateway.http.RequestHead;
import dev.mayfly.gateway.http.RequestIds;
import dev.mayfly.gateway.routing.Route;
import dev.mayfly.gateway.routing.RouteTable;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.runtime.problem.Problem;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** One event loop of the gateway: its share of the callers' connections and its own connections to instances. */
final class GatewayVerticle extends VerticleBase {
    private static final long TICK_MILLIS = 100;
    private static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("server-timing");

    /** Of a request that is turned away at the door. */
    private static final CharSequence NO_TIME =
            HttpHeaders.createOptimized("queue;dur=0.0, start;dur=0.0, run;dur=0.0");

    private final GatewayConfig config;
    private final int port;
    private final RouteTable routes;
    private final Calls.Shared shared;
    private final RequestIds ids;
    private final LongSupplier nanos;
    private @Nullable HttpServer server;
    private @Nullable Calls forwarding;

    /** When its timers were looked at last. */
    private volatile long tickedNanos;

    GatewayVerticle(GatewayConfig config, int port, RouteTable routes, Calls.Shared shared) {
        this.config = config;
        this.port = port;
        this.routes = routes;
        this.shared = shared;
        this.ids = new RequestIds(shared.clocks().wall());
        this.nanos = shared.clocks().nanos();
        this.tickedNanos = nanos.getAsLong();
    }

    @Override
    public Future<?> start() {
        Calls calls = new Calls(vertx, shared, ids);
        forwarding = calls;
        CallerConnections open =
                new CallerConnections(vertx, nanos, config.connectionsMax(), config.headTimeout(), config.keepAlive());
        vertx.setPeriodic(TICK_MILLIS, _ -> tick(calls, open));
        HttpServer starting = vertx.createHttpServer(options());
        server = starting;
        return starting.connectionHandler(open::opened)
                .requestHandler(request -> handle(calls, open.of(request.connection()), request))
                .invalidRequestHandler(request -> undecodable(open.of(request.connection()), request))
                .listen();
    }

    private void tick(Calls calls, CallerConnections open) {
        long now = nanos.getAsLong();
        try {
            calls.tick(now);
            open.tick(now);
        } finally {
            tickedNanos = now;
        }
    }

    /** How long its event loop has not come round to its tick, which is due ten times a second. */
    Duration silence() {
        return Duration.ofNanos(nanos.getAsLong() - tickedNanos);
    }

    private HttpServerOptions options() {
        return new HttpServerOptions()
                .setHost(config.host())
                .setPort(port)
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false)
                .setDecompressionSupported(false)
                .setHandle100ContinueAutomatically(false)
                .setMaxInitialLineLength(config.uriBytesMax())
                .setMaxHeaderSize(config.headerBytesMax())
                .setMaxChunkSize(16 * 1024)
                .setAcceptBacklog(4_096)
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true);
    }

    private void handle(Calls calls, CallerConnection caller, HttpServerRequest request) {
        if (caller.closing()) {
            return;
        }
        RequestHead head = RequestHead.read(request, config.headersMax());
        Fault fault = head.fault();
        if (fault != null) {
            refuse(caller, request, fault.code(), fault.detail(), null, true);
            return;
        }
        switch (routes.find(head.hostKey())) {
            case Route.ToRelease(ReleaseToRun release) -> admit(calls, caller, request, head, release);
            case Route.NotDeployed(AppRef app) ->
                refuse(
                        caller,
                        request,
                        ErrorCode.APP_NOT_DEPLOYED,
                        "App " + app.app().value() + " has no release yet. Deploy one: git push mayfly main",
                        null,
                        head.hasBody());
            case null ->
                refuse(
                        caller,
                        request,
                        ErrorCode.ROUTE_NOT_FOUND,
                        "No app answers to this host.",
                        null,
                        head.hasBody());
        }
    }

    private void admit(
            Calls calls, CallerConnection caller, HttpServerRequest request, RequestHead head, ReleaseToRun release) {
        if (head.bodyLength() > config.calls().bodyBytesMax()) {
            String detail = "body: " + head.bodyLength() + " bytes (expected: at most "
                    + config.calls().bodyBytesMax() + ")";
            refuse(caller, request, ErrorCode.TOO_LARGE, detail, null, true);
            return;
        }
        ErrorCode full = shared.admission().enter(release.release().app());
        if (full != null) {
            String detail = full == ErrorCode.RATE_LIMITED
                    ? "More than " + config.inFlightPerAppMax() + " requests to this app at once."
                    : "More than " + config.inFlightMax() + " requests at once.";
            refuse(caller, request, full, detail, Duration.ofSeconds(1), head.hasBody());
            return;
        }
        calls.begin(request, head, release, caller);
    }

    private void refuse(
            CallerConnection caller,
            HttpServerRequest request,
            ErrorCode code,
            String detail,
            @Nullable Duration retryAfter,
            boolean close) {
        Problem problem = Problem.of(code, detail).withRequestId(ids.next());
        request.response().putHeader(SERVER_TIMING, NO_TIME);
        shared.metrics().refused(problem.status());
        if (close) {
            request.pause();
        }
        ErrorAnswer.send(caller, request, problem, retryAfter, close);
    }

    /** What the decoder could not read. Where this request ends is unknown, so nothing after it is read. */
    private void undecodable(CallerConnection caller, HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        if (cause instanceof TooLongHttpLineException) {
            refuse(
                    caller,
                    request,
                    ErrorCode.URI_TOO_LONG,
                    "request line: above " + config.uriBytesMax() + " bytes",
                    null,
                    true);
        } else if (cause instanceof TooLongHttpHeaderException) {
            String detail = "header fields: above " + config.headerBytesMax() + " bytes";
            refuse(caller, request, ErrorCode.HEADERS_TOO_LARGE, detail, null, true);
        } else {
            refuse(caller, request, ErrorCode.INVALID_REQUEST, "head: not HTTP/1.1 as in RFC 9112", null, true);
        }
    }

    int actualPort() {
        return server == null ? 0 : server.actualPort();
    }

    @Override
    public Future<?> stop() {
        // Idle connections close now, the others after the answer they are in.
        if (server == null || forwarding == null) {
            return Future.succeededFuture();
        }
        Calls calls = forwarding;
        return server.shutdown(config.drainTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .onComplete(_ -> calls.close());
    }
}
