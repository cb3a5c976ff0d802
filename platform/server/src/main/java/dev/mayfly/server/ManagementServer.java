package dev.mayfly.server;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.metrics.Metrics;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** {@code /livez}, {@code /readyz} and {@code /metrics}. */
final class ManagementServer implements AutoCloseable {
    private final HttpServer server;
    private final Metrics metrics;
    private volatile boolean ready;

    private ManagementServer(Vertx vertx, Metrics metrics) {
        this.metrics = metrics;
        this.server = vertx.createHttpServer();
    }

    /** @throws MayflyException {@code CONFIG_INVALID} naming the port if it is taken */
    static ManagementServer start(Vertx vertx, ManagementConfig config, Metrics metrics) {
        ManagementServer management = new ManagementServer(vertx, metrics);
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

    void ready() {
        ready = true;
    }

    private void answer(HttpServerRequest request) {
        switch (request.path()) {
            case "/livez" -> request.response().end("alive\n");
            case "/readyz" ->
                request.response().setStatusCode(ready ? 200 : 503).end(ready ? "ready\n" : "starting\n");
            case "/metrics" ->
                request.response()
                        .putHeader("content-type", Metrics.CONTENT_TYPE)
                        .end(metrics.scrape());
            case null, default -> request.response().setStatusCode(404).end();
        }
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
