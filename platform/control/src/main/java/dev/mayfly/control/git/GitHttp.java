package dev.mayfly.control.git;

import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.identity.Identity;
import dev.mayfly.identity.Permission;
import dev.mayfly.identity.Principal;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.ReceivePack;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Git's smart HTTP protocol (gitprotocol-http) for {@code /git/<tenant>/<app>.git}. Each request runs on a virtual thread, as
 * JGit blocks and a push lasts as long as its build.
 */
public final class GitHttp {
    private static final Logger log = LoggerFactory.getLogger(GitHttp.class);
    private static final String RECEIVE = "git-receive-pack";
    private static final String UPLOAD = "git-upload-pack";
    private static final int TIMEOUT_SECONDS = 60;

    /** An empty packet of progress: clients ignore it, proxies see life. */
    private static final byte[] KEEP_ALIVE = "0005\2".getBytes(StandardCharsets.US_ASCII);

    private interface Answering {
        void run(AppRef app, Principal principal) throws IOException;
    }

    private final Vertx vertx;
    private final GitConfig config;
    private final Repositories repositories;
    private final Store store;
    private final Identity identity;
    private final Deployer deployer;
    private final MeterRegistry meters;

    public GitHttp(
            Vertx vertx,
            GitConfig config,
            Repositories repositories,
            Store store,
            Identity identity,
            Deployer deployer,
            MeterRegistry meters) {
        this.vertx = vertx;
        this.config = config;
        this.repositories = repositories;
        this.store = store;
        this.identity = identity;
        this.deployer = deployer;
        this.meters = meters;
    }

    public Router router() {
        Router router = Router.router(vertx);
        router.get("/:tenant/:repository/info/refs").handler(this::advertise);
        router.post("/:tenant/:repository/" + RECEIVE).handler(this::receive);
        router.post("/:tenant/:repository/" + UPLOAD).handler(this::upload);
        router.route()
                .handler(context -> context.response().setStatusCode(404).end("No such thing in git's protocol.\n"));
        return router;
    }

    private void advertise(RoutingContext context) {
        String service = context.request().getParam("service", "");
        if (!service.equals(RECEIVE) && !service.equals(UPLOAD)) {
            context.response().setStatusCode(403).end("Only git's smart HTTP protocol is spoken here.\n");
            return;
        }
        ResponseBody out = new ResponseBody(context.response());
        answer(context, service, (app, principal) -> {
            head(context.response(), service + "-advertisement");
            try (OutputStream buffered = new BufferedOutputStream(out)) {
                PacketLineOut lines = new PacketLineOut(buffered);
                lines.writeString("# service=" + service + "\n");
                lines.end();
                Optional<String> refusal = refusal(app);
                if (refusal.isPresent()) {
                    if (service.equals(RECEIVE)) {
                        Refusal.advertise(lines);
                    } else {
                        lines.writeString("ERR " + refusal.get());
                        lines.flush();
                    }
                    return;
                }
                try (Repository repository = repositories.open(app)) {
                    if (service.equals(RECEIVE)) {
                        receivePack(repository).sendAdvertisedRefs(new PacketLineOutRefAdvertiser(lines));
                    } else {
                        uploadPack(repository).sendAdvertisedRefs(new PacketLineOutRefAdvertiser(lines));
                    }
                }
            }
        });
    }

    private Optional<String> refusal(AppRef app) {
        return store.apps().find(app.tenant(), app.app()).isPresent()
                ? Optional.empty()
                : Optional.of("app '" + app.app() + "' does not exist; make it with: mayfly apps create " + app.app());
    }

    private void receive(RoutingContext context) {
        RequestBody body = new RequestBody(context.request());
        ResponseBody out = new ResponseBody(context.response());
        answer(context, RECEIVE, (app, principal) -> {
            head(context.response(), RECEIVE + "-result");
            Optional<String> refusal = refusal(app);
            if (refusal.isPresent()) {
                try (InputStream in = decoded(context.request(), body)) {
                    Refusal.answer(in, out, refusal.get(), config.packMibMax() * 1024L * 1024L);
                }
                meters.counter("mayfly.pushes", "result", "refused").increment();
                return;
            }
            PushHook hook = new PushHook(new PushHook.Push(app, principal.name()), deployer, config, out);
            Thread worker = Thread.currentThread();
            context.response().closeHandler(_ -> {
                out.clientGone();
                if (!out.detached()) {
                    worker.interrupt();
                }
            });
            Thread keeper = Thread.ofVirtual().name("git-keep-alive").start(() -> keepAlive(out));
            try (Repository repository = repositories.open(app);
                    InputStream in = decoded(context.request(), body)) {
                ReceivePack pack = receivePack(repository);
                pack.setPreReceiveHook(hook);
                pack.receive(in, out, null);
            } finally {
                keeper.interrupt();
                meters.counter("mayfly.pushes", "result", hook.outcome()).increment();
            }
        });
    }

    private void upload(RoutingContext context) {
        RequestBody body = new RequestBody(context.request());
        ResponseBody out = new ResponseBody(context.response());
        answer(context, UPLOAD, (app, principal) -> {
            head(context.response(), UPLOAD + "-result");
            try (Repository repository = repositories.open(app);
                    InputStream in = decoded(context.request(), body);
                    OutputStream buffered = new BufferedOutputStream(out, 64 * 1024)) {
                uploadPack(repository).upload(in, buffered, null);
            }
        });
    }

    private ReceivePack receivePack(Repository repository) {
        ReceivePack pack = new ReceivePack(repository);
        pack.setBiDirectionalPipe(false);
        pack.setAllowPushOptions(true);
        pack.setAllowNonFastForwards(true);
        pack.setAllowDeletes(true);
        pack.setCheckReceivedObjects(true);
        pack.setMaxPackSizeLimit(config.packMibMax() * 1024L * 1024L);
        pack.setTimeout(TIMEOUT_SECONDS);
        return pack;
    }

    private static UploadPack uploadPack(Repository repository) {
        UploadPack pack = new UploadPack(repository);
        pack.setBiDirectionalPipe(false);
        pack.setTimeout(TIMEOUT_SECONDS);
        return pack;
    }

    /** Checks who asks, then answers on a virtual thread. */
    private void answer(RoutingContext context, String service, Answering answering) {
        String tenant = Objects.requireNonNull(context.pathParam("tenant"));
        String repository = Objects.requireNonNull(context.pathParam("repository"));
        String authorization = context.request().getHeader("authorization");
        HttpServerResponse response = context.response();
        Thread.ofVirtual().name(service).start(() -> {
            try {
                Optional<Principal> principal = principal(authorization);
                if (principal.isEmpty()) {
                    response.putHeader("www-authenticate", "Basic realm=\"Mayfly\", charset=\"UTF-8\"")
                            .setStatusCode(401)
                            .end("A token is needed as password; mayfly login sets it up.\n");
                    return;
                }
                AppRef app = AppRef.of(tenant, repository.replaceFirst("\\.git$", ""));
                principal.get().require(app.tenant(), service.equals(RECEIVE) ? Permission.DEPLOY : Permission.READ);
                answering.run(app, principal.get());
                if (!response.ended()) {
                    response.end();
                }
            } catch (MayflyException | IllegalArgumentException e) {
                if (!response.headWritten()) {
                    response.setStatusCode(404).end("There is no such repository.\n");
                }
            } catch (IOException | RuntimeException e) {
                log.atDebug().addKeyValue("repository", repository).setCause(e).log("Git request broke off");
                if (!response.headWritten()) {
                    response.setStatusCode(500).end("Mayfly itself failed; see its log.\n");
                } else if (!response.closed()) {
                    response.reset();
                }
            }
        });
    }

    private Optional<Principal> principal(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return Optional.empty();
        }
        String pair =
                new String(Base64.getDecoder().decode(authorization.substring(6).strip()), StandardCharsets.UTF_8);
        return identity.byToken(pair.substring(pair.indexOf(':') + 1));
    }

    private void keepAlive(ResponseBody out) {
        try {
            while (true) {
                Thread.sleep(config.keepAlive());
                // Before the first progress the client does not expect any.
                if (out.silentNanos() > config.keepAlive().toNanos() && out.started()) {
                    out.write(KEEP_ALIVE, 0, KEEP_ALIVE.length);
                }
            }
        } catch (InterruptedException | IOException e) {
            log.trace("No more signs of life", e);
        }
    }

    private static void head(HttpServerResponse response, String type) {
        response.setChunked(true)
                .putHeader("content-type", "application/x-" + type)
                .putHeader("cache-control", "no-cache, max-age=0, must-revalidate");
    }

    private static InputStream decoded(HttpServerRequest request, InputStream body) throws IOException {
        return "gzip".equals(request.getHeader("content-encoding")) ? new GZIPInputStream(body) : body;
    }
}
