package dev.mayfly.control.git;

import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.identity.Identity;
import dev.mayfly.identity.Permission;
import dev.mayfly.identity.Principal;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.eclipse.jgit.errors.PackProtocolException;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.ReceivePack;
import org.eclipse.jgit.transport.RefAdvertiser.PacketLineOutRefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Git's smart HTTP protocol (gitprotocol-http) for {@code /git/<tenant>/<app>.git}. Who asks is found out on a virtual thread;
 * a push or fetch then has a {@link GitJob}, of which there are so many, and a thread of the machine: it computes for seconds,
 * and virtual threads share a few of those with all that answers people.
 */
public final class GitHttp {
    private static final Logger log = LoggerFactory.getLogger(GitHttp.class);
    private static final String RECEIVE = "git-receive-pack";
    private static final String UPLOAD = "git-upload-pack";

    /** Heap that packing takes for each object of the repository. */
    private static final long FETCH_BYTES_PER_OBJECT = 300;

    /** An empty packet of progress: clients ignore it, proxies see life. */
    private static final byte[] KEEP_ALIVE = "0005\2".getBytes(StandardCharsets.US_ASCII);

    /** Of what a fetch asks, unpacked: some 80,000 commits. */
    private static final long FETCH_BYTES_MAX = 4 * 1024 * 1024;

    /** What comes beside the pack in a push. */
    private static final long PUSH_BYTES_EXTRA = 1024 * 1024;

    private static final Duration TIDYING_MAX = Duration.ofMinutes(2);

    private interface Answering {
        void run(AppRef app, Principal principal) throws IOException, InterruptedException;
    }

    private interface Working {
        void run(GitJob job) throws IOException, InterruptedException;
    }

    private final Vertx vertx;
    private final GitConfig config;
    private final Repositories repositories;
    private final Store store;
    private final Identity identity;
    private final Deployer deployer;
    private final MeterRegistry meters;
    private final Places checks = Places.ofMachine("too many other pushes are being checked; push again in a moment");
    private final Places packings;
    private final PushGate gate;

    public GitHttp(
            Vertx vertx,
            Repositories repositories,
            Store store,
            Identity identity,
            Deployer deployer,
            MeterRegistry meters,
            PushGate gate) {
        this.vertx = vertx;
        this.config = repositories.config();
        this.repositories = repositories;
        this.store = store;
        this.identity = identity;
        this.deployer = deployer;
        this.meters = meters;
        this.packings = new Places(
                config.fetchesMax(),
                Runtime.getRuntime().maxMemory() / 8,
                "too many other fetches are being packed; try again in a moment");
        this.gate = gate;
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
            if (!repositories.jobs().hasRoom(kind(service), app)) {
                busy(context);
                return;
            }
            try (Gates.Hold _ = share(app)) {
                head(context.response(), service + "-advertisement");
                advertise(app, service, out);
            }
            context.response().end();
        });
    }

    private void advertise(AppRef app, String service, ResponseBody out) throws IOException {
        try (OutputStream buffered = new BufferedOutputStream(out)) {
            PacketLineOut lines = new PacketLineOut(buffered);
            lines.writeString("# service=" + service + "\n");
            lines.end();
            Optional<String> refusal = service.equals(RECEIVE) ? pushRefusal(app) : refusal(app);
            if (refusal.isPresent()) {
                if (service.equals(RECEIVE)) {
                    Refusal.advertise(lines);
                } else {
                    lines.writeString("ERR " + refusal.get());
                    lines.flush();
                }
                return;
            }
            try (FileRepository repository = repositories.open(app)) {
                if (service.equals(RECEIVE)) {
                    configured(new ReceivePack(repository)).sendAdvertisedRefs(new PacketLineOutRefAdvertiser(lines));
                } else {
                    uploadPack(repository).sendAdvertisedRefs(new PacketLineOutRefAdvertiser(lines));
                }
            }
        }
    }

    private Optional<String> pushRefusal(AppRef app) {
        return refusal(app).or(() -> gate.refusal(app));
    }

    private Optional<String> refusal(AppRef app) {
        return store.apps().find(app.tenant(), app.app()).isPresent()
                ? Optional.empty()
                : Optional.of("app '" + app.app() + "' does not exist; make it with: mayfly apps create " + app.app());
    }

    /** Others use the repository as well; who has it alone is waited for. */
    private Gates.Hold share(AppRef app) throws IOException, InterruptedException {
        return repositories
                .gates()
                .share(app, TIDYING_MAX)
                .orElseThrow(() -> new IOException("the repository is being tidied for too long"));
    }

    private void receive(RoutingContext context) {
        RequestBody body = new RequestBody(context.request());
        ResponseBody out = new ResponseBody(context.response());
        String encoding = context.request().getHeader("content-encoding");
        answer(
                context,
                RECEIVE,
                (app, principal) -> work(context, GitJob.Kind.PUSH, app, out, job -> {
                    job.phase("receiving the push", config.transferTimeout());
                    head(context.response(), RECEIVE + "-result");
                    try (Incoming in =
                            Incoming.of(body, encoding, job, config.pack().packBytesMax() + PUSH_BYTES_EXTRA)) {
                        Optional<String> refusal = receiveOrRefuse(job, principal, in, out);
                        if (refusal.isPresent()) {
                            Refusal.answer(in, out, refusal.get());
                            meters.counter("mayfly.pushes", "result", "refused").increment();
                        }
                    }
                }));
    }

    /** Who is refused may go on sending for long: nobody waits for the repository meanwhile. */
    private Optional<String> receiveOrRefuse(GitJob job, Principal principal, Incoming in, ResponseBody out)
            throws IOException, InterruptedException {
        Optional<String> refusal = pushRefusal(job.app());
        if (refusal.isPresent()) {
            return refusal;
        }
        try (Gates.Hold _ = share(job.app())) {
            refusal = pushRefusal(job.app()); // The app may have been destroyed meanwhile.
            if (refusal.isEmpty()) {
                receive(job, principal, in, out);
            }
            return refusal;
        }
    }

    private void receive(GitJob job, Principal principal, Incoming in, ResponseBody out) throws IOException {
        Thread keeper = Thread.ofVirtual().name("git-keep-alive").start(() -> keepAlive(out));
        String outcome = "refused";
        try (Quarantine quarantine = repositories.quarantine(job.app());
                FileRepository accepted = repositories.open(job.app())) {
            PushHook hook = new PushHook(
                    new PushHook.Push(
                            job,
                            principal.name(),
                            quarantine,
                            accepted,
                            out,
                            () -> repositories.noteGarbage(job.app())),
                    deployer,
                    config.tree());
            RoomWatch room = new RoomWatch(repositories, job.app(), gate);
            PushReceiver receiver = new PushReceiver(quarantine, accepted, in, job, checks, config, room);
            configured(receiver);
            receiver.setPreReceiveHook(hook);
            try {
                receiver.receive(in, out, null);
            } catch (PackProtocolException e) {
                // The client has been told.
                log.atDebug().addKeyValue("app", job.app()).setCause(e).log("Push that does not speak git's protocol");
                in.skipRest();
            } finally {
                outcome = hook.outcome();
            }
        } finally {
            keeper.interrupt();
            meters.counter("mayfly.pushes", "result", outcome).increment();
        }
    }

    private void upload(RoutingContext context) {
        RequestBody body = new RequestBody(context.request());
        ResponseBody out = new ResponseBody(context.response());
        String encoding = context.request().getHeader("content-encoding");
        answer(
                context,
                UPLOAD,
                (app, principal) -> work(context, GitJob.Kind.FETCH, app, out, job -> {
                    job.phase("the fetch", config.transferTimeout());
                    try (Gates.Hold _ = share(app)) {
                        head(context.response(), UPLOAD + "-result");
                        Optional<String> refusal = refusal(app);
                        if (refusal.isPresent()) {
                            new PacketLineOut(out).writeString("ERR " + refusal.get());
                            return;
                        }
                        try (FileRepository repository = repositories.open(app);
                                Incoming in = Incoming.of(body, encoding, job, FETCH_BYTES_MAX);
                                Places.Place _ = packings.take(
                                        Repositories.size(repository).objects() * FETCH_BYTES_PER_OBJECT,
                                        job,
                                        () -> {});
                                OutputStream buffered = new BufferedOutputStream(out.of(job), 64 * 1024)) {
                            uploadPack(repository).upload(in, buffered, null);
                        }
                    }
                }));
    }

    /** What holds for every push. */
    private static ReceivePack configured(ReceivePack pack) {
        pack.setBiDirectionalPipe(false);
        pack.setAllowPushOptions(true);
        pack.setAllowNonFastForwards(true);
        pack.setAllowDeletes(true);
        return pack;
    }

    private static UploadPack uploadPack(FileRepository repository) {
        UploadPack pack = new UploadPack(repository);
        pack.setBiDirectionalPipe(false);
        pack.setPackConfig(Upkeep.copies(repository));
        return pack;
    }

    /** Checks who asks, then answers on a virtual thread. */
    private void answer(RoutingContext context, String service, Answering answering) {
        String tenant = Objects.requireNonNull(context.pathParam("tenant"));
        String repository = Objects.requireNonNull(context.pathParam("repository"));
        String authorization = context.request().getHeader("authorization");
        Thread.ofVirtual()
                .name(service)
                .start(() -> guarded(context, repository, () -> {
                    Optional<Principal> principal = principal(authorization);
                    if (principal.isEmpty()) {
                        context.response().putHeader("www-authenticate", "Basic realm=\"Mayfly\", charset=\"UTF-8\"");
                        refuse(context, 401, "A token is needed as password; mayfly login sets it up.\n");
                        return;
                    }
                    AppRef app = AppRef.of(tenant, repository.replaceFirst("\\.git$", ""));
                    principal
                            .get()
                            .require(app.tenant(), service.equals(RECEIVE) ? Permission.DEPLOY : Permission.READ);
                    answering.run(app, principal.get());
                }));
    }

    /** Admits the job and does it on a thread of its own, or says that there are too many. */
    private void work(RoutingContext context, GitJob.Kind kind, AppRef app, ResponseBody out, Working working) {
        Optional<GitJob> admitted = repositories.jobs().admit(kind, app);
        if (admitted.isEmpty()) {
            busy(context);
            return;
        }
        GitJob job = admitted.get();
        out.whenClientGone(job::clientGone);
        try {
            Thread.ofPlatform()
                    .daemon()
                    .name("git-" + kind.name().toLowerCase(Locale.ROOT))
                    .start(() -> guarded(context, app.toString(), () -> {
                        try (job) { // Over before the client hears of it, who may have the next one ready.
                            job.begin();
                            working.run(job);
                        }
                        context.response().end();
                    }));
        } catch (Error e) { // No thread to be had.
            job.close();
            throw e;
        }
    }

    private interface Guarded {
        void run() throws IOException, InterruptedException;
    }

    /** Whatever goes wrong, the client gets an end. */
    private static void guarded(RoutingContext context, String repository, Guarded what) {
        try {
            what.run();
        } catch (MayflyException | IllegalArgumentException e) {
            log.atDebug().addKeyValue("repository", repository).setCause(e).log("Git request refused");
            if (e instanceof MayflyException known && known.code() == ErrorCode.STORE_UNAVAILABLE) {
                if (!context.response().headWritten()) {
                    context.response().putHeader("retry-after", "5");
                }
                broken(context, 503, known.detail() + "\n");
            } else if (e instanceof MayflyException known
                    && known.code() != ErrorCode.NOT_FOUND
                    && known.code() != ErrorCode.FORBIDDEN) {
                broken(context, 400, known.detail() + " [" + known.code().wireName() + "]\n");
            } else {
                broken(context, 404, "There is no such repository.\n");
            }
        } catch (InterruptedIOException | InterruptedException | CancellationException e) {
            log.atDebug().addKeyValue("repository", repository).setCause(e).log("Git request broke off");
            broken(context, 500, "Cancelled.\n");
        } catch (IOException e) {
            boolean gone = context.response().closed();
            log.atLevel(gone ? Level.DEBUG : Level.WARN)
                    .addKeyValue("repository", repository)
                    .setCause(e)
                    .log("Git request failed");
            broken(context, 500, "Mayfly itself failed; see its log.\n");
        } catch (RuntimeException | Error e) { // The last one who can see it.
            log.atError().addKeyValue("repository", repository).setCause(e).log("Git request failed");
            broken(context, 500, "Mayfly itself failed; see its log.\n");
        }
    }

    private static void broken(RoutingContext context, int status, String why) {
        HttpServerResponse response = context.response();
        if (!response.headWritten()) {
            refuse(context, status, why);
        } else if (!response.closed()) {
            response.reset();
        }
    }

    private static void busy(RoutingContext context) {
        context.response().putHeader("retry-after", "10");
        refuse(context, 503, "Too many pushes or fetches are under way; try again in a moment.\n");
    }

    /** Says no to a request whose body is not read: the connection ends with it. */
    private static void refuse(RoutingContext context, int status, String why) {
        context.response()
                .putHeader("content-type", "text/plain; charset=utf-8")
                .putHeader("connection", "close")
                .setStatusCode(status)
                .end(why)
                .onComplete(_ -> context.request().connection().close());
    }

    private static GitJob.Kind kind(String service) {
        return service.equals(RECEIVE) ? GitJob.Kind.PUSH : GitJob.Kind.FETCH;
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
}
