package dev.mayfly.server;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Trouble;
import dev.mayfly.runtime.metrics.Metrics;
import dev.mayfly.runtime.problem.Problem;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/**
 * {@code /livez}, {@code /readyz} and {@code /metrics}. Ready is a server that has started and whose {@link Health} knows no
 * trouble; {@code /readyz?parts=requests,starts} asks for some parts only.
 */
final class ManagementServer implements AutoCloseable {
    private final HttpServer server;
    private final Metrics metrics;
    private final Health health;
    private volatile boolean ready;

    private ManagementServer(Vertx vertx, Metrics metrics, Health health) {
        this.metrics = metrics;
        this.health = health;
        this.server = vertx.createHttpServer();
    }

    /** @throws MayflyException {@code CONFIG_INVALID} naming the port if it is taken */
    static ManagementServer start(Vertx vertx, ManagementConfig config, Metrics metrics, Health health) {
        ManagementServer management = new ManagementServer(vertx, metrics, health);
        try {
            management
                    .server
                    .requestHandler(management::answer)
                    .listen(config.port(), config.host())
                    .await(10, TimeUnit.SECONDS);
            return management;
        } catch (Exception e) { // Awaiting throws whatever failed, a BindException too, without declaring it.
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    "management.port: " + config.host() + ":" + config.port() + " (expected: a free port): "
                            + e.getMessage(),
                    e);
        }
    }

    /** The port that it listens on. */
    int port() {
        return server.actualPort();
    }

    void ready() {
        ready = true;
    }

    private void answer(HttpServerRequest request) {
        switch (request.path()) {
            case "/livez" -> request.response().end("alive\n");
            case "/readyz" -> answerReady(request);
            case "/metrics" ->
                request.response()
                        .putHeader("content-type", Metrics.CONTENT_TYPE)
                        .end(metrics.scrape());
            case null, default -> request.response().setStatusCode(404).end();
        }
    }

    private void answerReady(HttpServerRequest request) {
        if (!ready) {
            request.response().setStatusCode(503).end("starting\n");
            return;
        }
        Set<String> parts = parts(request);
        try {
            // The checks may block, and this is an event loop.
            Thread.ofVirtual().name("readyz").start(() -> answerReady(request.response(), parts));
        } catch (RuntimeException | Error e) {
            request.response().reset();
        }
    }

    /** Whatever happens, the caller does not wait for ever. */
    private void answerReady(HttpServerResponse response, Set<String> parts) {
        try {
            List<Trouble> troubles = health.troubles().stream()
                    .filter(each -> parts.contains(each.part().wireName()))
                    .toList();
            tell(response, troubles);
        } catch (InterruptedException | RuntimeException | Error e) {
            response.reset();
        }
    }

    /** Those that are asked for; what is no part is none of them, and without a question it is all. */
    private static Set<String> parts(HttpServerRequest request) {
        String asked = request.getParam("parts");
        return asked == null
                ? Arrays.stream(Part.values()).map(Part::wireName).collect(Collectors.toSet())
                : Set.of(asked.split(","));
    }

    private static void tell(HttpServerResponse response, List<Trouble> troubles) {
        if (troubles.isEmpty()) {
            response.end("ready\n");
            return;
        }
        JsonArray list = new JsonArray();
        troubles.forEach(each -> list.add(new JsonObject()
                .put("part", each.part().wireName())
                .put("name", each.name())
                .put("what", each.what())));
        String all = troubles.stream().map(Trouble::toString).collect(Collectors.joining("; "));
        Problem problem = Problem.of(ErrorCode.NOT_READY, all);
        response.setStatusCode(problem.status())
                .putHeader("content-type", Problem.CONTENT_TYPE)
                .end(problem.toJson().put("troubles", list).encode() + "\n");
    }

    @Override
    public void close() {
        try {
            server.close().await(5, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("management did not stop", e);
        }
    }
}
