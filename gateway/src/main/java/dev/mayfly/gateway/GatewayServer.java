package dev.mayfly.gateway;

import dev.mayfly.gateway.admission.Admission;
import dev.mayfly.gateway.calls.CallMetrics;
import dev.mayfly.gateway.calls.CallSink;
import dev.mayfly.gateway.forward.Calls;
import dev.mayfly.gateway.forward.Clocks;
import dev.mayfly.gateway.routing.RouteTable;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.pool.api.Leases;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of the apps. Made of one verticle per processor behind one listening socket. */
public final class GatewayServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GatewayServer.class);
    private static final long STOP_SLACK_SECONDS = 5;
    private static final Duration SILENCE_MAX = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final GatewayConfig config;
    private final List<GatewayVerticle> verticles;
    private final List<String> deployments;
    private final int port;

    private GatewayServer(
            Vertx vertx, GatewayConfig config, List<GatewayVerticle> verticles, List<String> deployments, int port) {
        this.vertx = vertx;
        this.config = config;
        this.verticles = verticles;
        this.deployments = deployments;
        this.port = port;
    }

    /**
     * Listens. Not to be called from an event loop: it waits until the port is open.
     *
     * @throws MayflyException {@code CONFIG_INVALID} naming the port if it is taken
     */
    public static GatewayServer start(
            Vertx vertx, GatewayConfig config, RouteTable routes, Leases leases, CallSink sink, MeterRegistry meters) {
        return start(vertx, config, routes, leases, sink, meters, Clocks.SYSTEM);
    }

    /** With a time that a test can move. */
    static GatewayServer start(
            Vertx vertx,
            GatewayConfig config,
            RouteTable routes,
            Leases leases,
            CallSink sink,
            MeterRegistry meters,
            Clocks clocks) {
        Admission admission = new Admission(config.inFlightMax(), config.inFlightPerAppMax());
        Gauge.builder("mayfly.http.in.flight", admission, Admission::inFlight)
                .description("Requests that are being answered")
                .register(meters);
        Calls.Shared shared =
                new Calls.Shared(leases, admission, sink, new CallMetrics(meters), config.calls(), clocks);
        int loops = config.loops() == 0 ? Runtime.getRuntime().availableProcessors() : config.loops();
        List<GatewayVerticle> verticles = new ArrayList<>();
        List<String> deployments = new ArrayList<>();
        // A negative port is Vert.x' way to let several servers share one free port.
        int bind = config.port() == 0 ? -1 : config.port();
        for (int i = 0; i < loops; i++) {
            GatewayVerticle verticle = new GatewayVerticle(config, bind, routes, shared);
            deployments.add(deploy(vertx, config, verticle));
            verticles.add(verticle);
        }
        int port = verticles.getFirst().actualPort();
        log.info("Gateway listens; host={} port={} loops={}", config.host(), port, loops);
        return new GatewayServer(vertx, config, List.copyOf(verticles), List.copyOf(deployments), port);
    }

    private static String deploy(Vertx vertx, GatewayConfig config, GatewayVerticle verticle) {
        try {
            return vertx.deployVerticle(verticle, new DeploymentOptions()).await(10, TimeUnit.SECONDS);
        } catch (Exception e) { // Awaiting throws whatever failed, a BindException too, without declaring it.
            String address = config.host() + ":" + config.port();
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    "gateway.port: " + address + " (expected: a free port): " + e.getMessage(),
                    e);
        }
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    /** Event loops that do not come round, as one that was ended by an error: its connections hang. Empty: all do. */
    public Optional<String> trouble() {
        long silent = verticles.stream()
                .filter(each -> each.silence().compareTo(SILENCE_MAX) > 0)
                .count();
        return silent == 0
                ? Optional.empty()
                : Optional.of(silent + " of " + verticles.size() + " event loops have not moved for "
                        + SILENCE_MAX.toSeconds() + " s");
    }

    /** The longest that one of its event loops has not looked at its timers. */
    Duration silence() {
        return verticles.stream()
                .map(GatewayVerticle::silence)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    /** Takes no new connections, lets calls in flight end until the drain timeout, then cuts them. */
    @Override
    public void close() {
        List<Future<Void>> stops = deployments.stream().map(vertx::undeploy).toList();
        try {
            Future.join(stops).await(config.drainTimeout().toSeconds() + STOP_SLACK_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | RuntimeException e) {
            log.warn("Gateway did not stop in time", e);
        }
    }
}
