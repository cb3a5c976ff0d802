package dev.mayfly.gateway;

import dev.mayfly.gateway.admission.Admission;
import dev.mayfly.gateway.calls.CallMetrics;
import dev.mayfly.gateway.calls.CallSink;
import dev.mayfly.gateway.forward.Calls;
import dev.mayfly.gateway.routing.RouteTable;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.pool.api.Leases;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of the apps. Made of one verticle per processor behind one listening socket. */
public final class GatewayServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GatewayServer.class);
    private static final long STOP_SLACK_SECONDS = 5;

    private final Vertx vertx;
    private final GatewayConfig config;
    private final List<String> deployments;
    private final int port;

    private GatewayServer(Vertx vertx, GatewayConfig config, List<String> deployments, int port) {
        this.vertx = vertx;
        this.config = config;
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
        Admission admission = new Admission(config.inFlightMax(), config.inFlightPerAppMax());
        Gauge.builder("mayfly.http.in.flight", admission, Admission::inFlight)
                .description("Requests that are being answered")
                .register(meters);
        Calls.Shared shared =
                new Calls.Shared(leases, admission, sink, new CallMetrics(meters), config.calls(), Clock.systemUTC());
        int loops = config.loops() == 0 ? Runtime.getRuntime().availableProcessors() : config.loops();
        List<String> deployments = new ArrayList<>();
        // A negative port is Vert.x' way to let several servers share one free port.
        int bind = config.port() == 0 ? -1 : config.port();
        GatewayVerticle any = new GatewayVerticle(config, bind, routes, shared);
        deployments.add(deploy(vertx, config, any));
        for (int i = 1; i < loops; i++) {
            deployments.add(deploy(vertx, config, new GatewayVerticle(config, bind, routes, shared)));
        }
        int port = any.actualPort();
        log.info("Gateway listens; host={} port={} loops={}", config.host(), port, loops);
        return new GatewayServer(vertx, config, List.copyOf(deployments), port);
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
