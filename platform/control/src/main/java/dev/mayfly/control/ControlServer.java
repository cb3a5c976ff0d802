package dev.mayfly.control;

import dev.mayfly.control.api.ApiParts;
import dev.mayfly.control.api.ApiRouter;
import dev.mayfly.control.console.ConsoleFiles;
import dev.mayfly.control.git.GitHttp;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of the console, the API and git. */
public final class ControlServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

    /** Longer than an answer takes that comes without a sign of life before it: a change of configuration waits for a build. */
    private static final int IDLE_SECONDS_MAX = 900;

    private static final Duration SILENCE_MAX = Duration.ofMinutes(2);

    private static final int CONNECTIONS_MAX = 2_000;

    private final HttpServer server;
    private final Connections connections;

    private ControlServer(HttpServer server, Connections connections) {
        this.server = server;
        this.connections = connections;
    }

    /**
     * Listens. Not to be called from an event loop.
     *
     * @throws MayflyException {@code CONFIG_INVALID} naming the port if it is taken
     */
    public static ControlServer start(Vertx vertx, ControlConfig config, ApiParts api, GitHttp git) {
        Connections connections = new Connections(vertx, CONNECTIONS_MAX, SILENCE_MAX);
        try {
            Router router = Router.router(vertx);
            router.route("/git/*").subRouter(git.router());
            new ApiRouter(vertx, api).addTo(router);
            router.route("/*").subRouter(new ConsoleFiles().router(vertx));
            HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                            .setHost(config.host())
                            .setPort(config.port())
                            .setCompressionSupported(false)
                            .setHttp2ClearTextEnabled(false)
                            .setIdleTimeout(IDLE_SECONDS_MAX)
                            .setMaxInitialLineLength(8_192)
                            .setMaxHeaderSize(16_384))
                    .requestHandler(request -> {
                        connections.asks(request);
                        router.handle(request);
                    })
                    .connectionHandler(connections)
                    .listen()
                    .await(30, TimeUnit.SECONDS);
            log.info("Control listens; host={} port={}", config.host(), server.actualPort());
            return new ControlServer(server, connections);
        } catch (Exception e) { // Awaiting throws whatever failed, a BindException too, without declaring it.
            connections.close();
            if (e instanceof MayflyException known) {
                throw known;
            }
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    "control.port: " + config.host() + ":" + config.port() + " (expected: a free port): "
                            + e.getMessage(),
                    e);
        }
    }

    public int port() {
        return server.actualPort();
    }

    @Override
    public void close() {
        connections.close();
        try {
            server.close().await(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            log.warn("Control did not stop in time", e);
        }
    }
}
