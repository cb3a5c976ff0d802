package dev.mayfly.gateway;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.gateway.forward.Clocks;
import dev.mayfly.gateway.routing.RouteTable;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.runtime.metrics.Metrics;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A gateway on a free port with one app behind it, for tests. */
final class Gateway implements AutoCloseable {
    static final String HOST = "hello.local.localhost";

    final Vertx vertx = Vertx.vertx();
    final FakeLeases leases = new FakeLeases();
    final RouteTable routes = new RouteTable();
    final Queue<CallRecord> calls = new ConcurrentLinkedQueue<>();
    final Metrics metrics = new Metrics();
    final GatewayServer server;
    private @Nullable RawInstance instance;

    /** Moves by itself, unless the test has asked for one that it moves. */
    private final @Nullable ManualTime time;

    Gateway(GatewayConfig config, Limits limits) {
        this(config, limits, null);
    }

    private Gateway(GatewayConfig config, Limits limits, @Nullable ManualTime time) {
        this.time = time;
        Clocks clocks = time == null ? Clocks.SYSTEM : time.clocks();
        routes.put(HOST, release(limits));
        server = GatewayServer.start(vertx, config, routes, leases, calls::add, metrics.registry(), clocks);
    }

    /** Its time only moves by {@link #pass}. */
    static Gateway startTimed(GatewayConfig config, Limits limits) {
        return new Gateway(config, limits, new ManualTime());
    }

    /** Lets so much time pass, whether or not an event loop looks. */
    void moveTime(Duration by) {
        Objects.requireNonNull(time, "the gateway was started with a time that a test moves")
                .advance(by);
    }

    /** Lets so much time pass. When this returns, all event loops have looked at their timers at that time. */
    void pass(Duration by) throws InterruptedException {
        moveTime(by);
        Wait.until(
                "all event loops look at their timers", () -> server.silence().isZero());
    }

    static Gateway start() {
        return new Gateway(config(CallLimits.DEFAULTS), Limits.DEFAULTS);
    }

    /** With one event loop, which all connections share. */
    static Gateway startOnOneLoop() {
        return new Gateway(
                config(1, CallLimits.DEFAULTS, 1_000, Duration.ofSeconds(10), Duration.ofSeconds(60)), Limits.DEFAULTS);
    }

    static GatewayConfig config(CallLimits calls) {
        return config(calls, 1_000, Duration.ofSeconds(10), Duration.ofSeconds(60));
    }

    static GatewayConfig config(CallLimits calls, int perApp, Duration head, Duration keepAlive) {
        return config(2, calls, perApp, head, keepAlive);
    }

    private static GatewayConfig config(int loops, CallLimits calls, int perApp, Duration head, Duration keepAlive) {
        GatewayConfig d = GatewayConfig.DEFAULTS;
        return new GatewayConfig(
                "127.0.0.1",
                0,
                loops,
                d.connectionsMax(),
                d.headerBytesMax(),
                d.headersMax(),
                d.uriBytesMax(),
                head,
                keepAlive,
                d.inFlightMax(),
                perApp,
                Duration.ofSeconds(5),
                calls);
    }

    static CallLimits limits(Duration queue, Duration idle, long body) {
        return new CallLimits(queue, idle, body, Duration.ofSeconds(1), Duration.ofMillis(300), 5);
    }

    static Limits limits(int concurrency, Duration total) {
        Limits d = Limits.DEFAULTS;
        return new Limits(
                d.memoryMib(), d.cpus(), d.pids(), d.tmpMib(), concurrency, d.startTimeout(), d.idleTimeout(), total);
    }

    static ReleaseToRun release(Limits limits) {
        AppSpec d = AppSpec.DEFAULTS;
        return new ReleaseToRun(
                new ReleaseRef(AppRef.of("local", "hello"), 1),
                "sha256:0",
                new ProcessSpec(List.of("/bin/true"), Map.of(), "/"),
                Map.of(),
                new AppSpec(d.kind(), d.egress(), limits, d.healthPath(), d.runtimeClass()));
    }

    /** The app behind it is this handler, on TCP. */
    Gateway app(Handler<HttpServerRequest> handler) throws Exception {
        int port = vertx.createHttpServer(
                        new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .requestHandler(handler)
                .listen()
                .await(Wait.SECONDS_MAX, TimeUnit.SECONDS)
                .actualPort();
        leases.at(new InstanceAddress.Tcp("127.0.0.1", port));
        return this;
    }

    /** The app behind it is this handler, on a unix socket. */
    Gateway appOn(Path socket, Handler<HttpServerRequest> handler) throws Exception {
        vertx.createHttpServer()
                .requestHandler(handler)
                .listen(SocketAddress.domainSocketAddress(socket.toString()))
                .await(Wait.SECONDS_MAX, TimeUnit.SECONDS);
        leases.at(new InstanceAddress.UnixSocket(socket));
        return this;
    }

    /** The app behind it is a raw instance, on TCP. */
    Gateway raw(RawInstance.Script script) throws IOException {
        return raw(RawInstance.onTcp(script));
    }

    /** The app behind it is a raw instance, on a unix socket. */
    Gateway rawOn(Path socket, RawInstance.Script script) throws IOException {
        return raw(RawInstance.onUnix(socket, script));
    }

    private Gateway raw(RawInstance started) {
        instance = started;
        leases.at(started.address());
        return this;
    }

    RawInstance instance() {
        return Objects.requireNonNull(instance, "a raw instance was started");
    }

    RawClient client() throws IOException {
        return new RawClient(server.port());
    }

    /** All places that were given have been given back. */
    void allLeasesEnd() throws InterruptedException {
        Wait.until("all leases end", () -> leases.ended() == leases.granted());
    }

    CallRecord onlyCall() throws InterruptedException {
        Wait.until("one call is recorded", () -> !calls.isEmpty());
        return calls.remove();
    }

    @Override
    public void close() throws TimeoutException, IOException {
        server.close();
        vertx.close().await(Wait.SECONDS_MAX, TimeUnit.SECONDS);
        metrics.close();
        if (instance != null) {
            instance.close();
        }
    }
}
