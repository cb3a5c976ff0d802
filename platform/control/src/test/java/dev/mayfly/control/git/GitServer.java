package dev.mayfly.control.git;

import dev.mayfly.control.deploy.Platform;
import dev.mayfly.identity.Identity;
import dev.mayfly.model.AppRef;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Git over HTTP with a real database, real repositories, and an engine that does what the test says. */
final class GitServer implements AutoCloseable {
    final Platform platform;
    final Repositories repositories;
    final String token;
    final Path folder;
    private volatile @Nullable String noRoom;
    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;

    GitServer(Path data, GitConfig config) throws Exception {
        platform = new Platform(data);
        folder = data.resolve("git");
        repositories = new Repositories(folder, config);
        Identity identity = Identity.open(platform.store, data.resolve("secrets"), Clock.systemUTC());
        token = Files.readString(data.resolve("secrets/admin-token")).strip();
        GitHttp git = new GitHttp(
                vertx,
                repositories,
                platform.store,
                identity,
                platform.deployer,
                new SimpleMeterRegistry(),
                _ -> Optional.ofNullable(noRoom));
        Router router = Router.router(vertx);
        router.route("/git/*").subRouter(git.router());
        server = vertx.createHttpServer()
                .requestHandler(router)
                .listen(0, "127.0.0.1")
                .await(10, TimeUnit.SECONDS);
    }

    /** From now on pushes are refused for this reason; null: they may come. */
    void refusePushes(@Nullable String why) {
        noRoom = why;
    }

    int port() {
        return server.actualPort();
    }

    String url(AppRef app) {
        return "http://x:" + token + "@127.0.0.1:" + port() + "/git/" + app + ".git";
    }

    /** Files that hold objects of the app, in its repository and on their way there. */
    List<String> objectFiles(AppRef app) throws IOException {
        Path place = folder.resolve(app.tenant().value()).resolve(app.app().value() + ".git");
        List<String> files = new ArrayList<>();
        for (String each : List.of("objects", Quarantine.FOLDER)) {
            if (Files.exists(place.resolve(each))) {
                try (Stream<Path> all = Files.walk(place.resolve(each))) {
                    all.filter(Files::isRegularFile)
                            .map(file -> place.relativize(file).toString())
                            .forEach(files::add);
                }
            }
        }
        return files;
    }

    /** Pushes and fetches under way. */
    int jobs() {
        return repositories.jobs().running();
    }

    @Override
    public void close() throws TimeoutException {
        server.close().await(10, TimeUnit.SECONDS);
        repositories.close();
        platform.close();
        vertx.close().await(10, TimeUnit.SECONDS);
    }
}
