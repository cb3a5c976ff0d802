package dev.mayfly.server;

import dev.mayfly.builders.engine.Engine;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.ControlServer;
import dev.mayfly.control.api.ApiParts;
import dev.mayfly.control.deploy.AppService;
import dev.mayfly.control.deploy.DeployParts;
import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.control.git.GitHttp;
import dev.mayfly.control.git.Repositories;
import dev.mayfly.control.git.Upkeep;
import dev.mayfly.control.live.ClusterInstances;
import dev.mayfly.control.live.ClusterPools;
import dev.mayfly.control.live.EventHub;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.control.live.LiveEvents;
import dev.mayfly.control.live.Occurrence;
import dev.mayfly.control.logs.AppLogs;
import dev.mayfly.functions.FunctionLanguages;
import dev.mayfly.gateway.GatewayServer;
import dev.mayfly.gateway.calls.CallSink;
import dev.mayfly.gateway.routing.RouteTable;
import dev.mayfly.identity.Identity;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.engine.PoolParts;
import dev.mayfly.pool.engine.WarmPool;
import dev.mayfly.runtime.Lifecycle;
import dev.mayfly.runtime.disk.DiskSpace;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.metrics.Metrics;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.choice.Runtimes;
import dev.mayfly.store.Apps;
import dev.mayfly.store.Releases;
import dev.mayfly.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rooms of one server, put together by hand in the order in which they start; they stop in the reverse. */
final class Server implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Server.class);

    /** Between two looks at all repositories. */
    private static final Duration UPKEEP = Duration.ofMinutes(1);

    private final Lifecycle lifecycle = new Lifecycle();
    private final Settings settings;

    private Server(Settings settings) {
        this.settings = settings;
    }

    /**
     * Starts everything and returns once requests are answered.
     *
     * @param progress lines for the person who waits
     */
    static Server start(Settings settings, Consumer<String> progress) throws IOException, InterruptedException {
        Server server = new Server(settings);
        try {
            server.start(progress);
            return server;
        } catch (IOException | InterruptedException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void start(Consumer<String> progress) throws IOException, InterruptedException {
        Ports.requireFree(settings);
        Path data = settings.data();
        Path run = Files.createDirectories(data.resolve("run"));
        Clock clock = Clock.systemUTC();
        String name = settings.server().orElseGet(() -> ServerName.of(data));
        Metrics metrics = lifecycle.started("metrics", new Metrics());
        MeterRegistry meters = metrics.registry();
        Vertx vertx = Vertx.vertx();
        lifecycle.started("vertx", () -> vertx.close().await(10, TimeUnit.SECONDS));
        Health health = new Health();
        ManagementServer management =
                lifecycle.started("management", ManagementServer.start(vertx, settings.management(), metrics, health));

        Store store = lifecycle.started("store", Store.open(settings.store(), clock));
        DataFolder.closeBelow(Files.createDirectories(data.resolve("db"))); // H2 makes its files for all to read.
        health.add(Part.DATABASE, "query", Checks.answers(store));
        Identity identity = Identity.open(store, data.resolve("secrets"), clock);
        Cluster cluster = lifecycle.started("cluster", settings.cluster().open(name, health));
        LiveEvents live = lifecycle.started("live events", new LiveEvents(cluster, clock));
        EventHub events = lifecycle.started("events", new EventHub(live, clock));
        AppLogs logs = lifecycle.started("logs", new AppLogs(data.resolve("logs"), health));

        Runtimes runtimes = lifecycle.started(
                "sandboxes",
                settings.runtimes().open(run.resolve("sandboxes"), new SandboxEvents(live, meters, name), health));
        SandboxEvents.measure(runtimes::health, settings.runtimes().networks()::counts, meters);
        SandboxRuntime runtime = runtimes.of(Optional.empty());
        progress.accept("Runtime class " + runtime.name()
                + (!runtime.isolates()
                        ? ": it ISOLATES NOTHING, apps can do all that this server's user can; for development only"
                        : " (apps may choose " + String.join(", ", runtimes.offered()) + ")"));
        Path zygotes = Files.createDirectories(run.resolve("zygotes"));
        if (runtimes.orphans().isEmpty()) {
            Trees.delete(zygotes); // Instances that are adopted have their shim from there.
            Files.createDirectory(zygotes);
        }
        ImageStore images = new ImageStore(data.resolve("images"));
        StoredImages stored = new StoredImages(
                images, new LanguageZygotes(Files.createTempDirectory(zygotes, "shims-"), FunctionLanguages.all()));
        DiskSpace space = new DiskSpace(data, settings.disk());
        Engine engine = BuildRoom.open(settings, images, runtimes, space, run, progress);
        WarmPool pool = lifecycle.started(
                "pool",
                new WarmPool(
                        settings.pool(),
                        new PoolParts(runtimes, stored, runtimes.sockets(), health),
                        new PoolEvents(live, settings.urls(), logs, meters, clock),
                        clock,
                        name));
        PoolMetrics.measure(pool::pool, meters);
        ClusterInstances instances =
                lifecycle.started("instances", new ClusterInstances(cluster, pool, settings.urls(), health));
        ClusterPools pools = lifecycle.started("pools", new ClusterPools(cluster, pool::pool, health));

        RouteTable routes = new RouteTable();
        Path builds = data.resolve("builds");
        health.add(Part.BUILDS, "folder of builds", Checks.writable(builds));
        health.add(Part.PUSHES, "folder of repositories", Checks.writable(data.resolve("git")));
        DeployParts parts = new DeployParts(
                store,
                engine,
                pool,
                new GatewayRoutes(routes, pool),
                settings.urls(),
                live,
                settings.keep(),
                meters,
                builds,
                name,
                clock);
        Deployer deployer = lifecycle.started("deploys", new Deployer(parts));
        Repositories repositories =
                lifecycle.started("repositories", new Repositories(data.resolve("git"), settings.git()));
        AppService apps = new AppService(parts, deployer, app -> {
            repositories.delete(app);
            logs.delete(app);
        });
        apps.recover();
        pool.endAdoption();
        reconcile(store, repositories);
        repositories.sweep(app -> store.apps().find(app.tenant(), app.app()).isPresent());
        Upkeep upkeep = new Upkeep(repositories, clock);
        lifecycle.started("git upkeep", health.loop(Part.PUSHES, "mayfly-git-upkeep", () -> {
            Thread.sleep(UPKEEP);
            upkeep.run();
        }));
        Housekeeping housekeeping = new Housekeeping(new Housekeeping.Rooms(
                store,
                engine,
                images,
                pool,
                deployer,
                apps,
                space,
                settings.keep(),
                builds,
                new ServerLog(data, space),
                clock));
        lifecycle.started(
                "housekeeping", health.every(Part.SIGHT, "housekeeping", Housekeeping.PERIOD, housekeeping::turn));
        TenantDisks tenants = new TenantDisks(store, images, settings.keep(), data);
        tenants.allChanged();
        DiskMetrics disk = new DiskMetrics(space, meters);
        lifecycle.started("tenants' disks", health.loop(Part.SIGHT, "tenant-disks", () -> {
            Thread.sleep(TenantDisks.PERIOD);
            tenants.measure(); // As long as it takes.
            disk.tenants(tenants.used());
        }));
        lifecycle.started("measures", live.subscribe(each -> {
            if (each.event() instanceof LiveEvent.BuildEnded || each.event() instanceof LiveEvent.AppDestroyed) {
                tenants.changed(new TenantName(each.tenant()));
            }
        }));
        health.add(Part.PUSHES, "disk", space::shortage);
        lifecycle.started("remote routes", live.subscribe(each -> refresh(cluster, apps, each)));

        GatewayServer gateway = lifecycle.started(
                "gateway", GatewayServer.start(vertx, settings.gateway(), routes, pool, CallSink.NONE, meters));
        health.add(Part.REQUESTS, "gateway", gateway::trouble);
        GitHttp git = new GitHttp(
                vertx,
                repositories,
                store,
                identity,
                deployer,
                meters,
                app -> space.shortage().or(() -> tenants.refusal(app.tenant())));
        ApiParts api = new ApiParts(
                store,
                identity,
                apps,
                deployer,
                instances,
                pools,
                events,
                logs,
                settings.urls(),
                builds,
                gateway.port(),
                settings.control().url(),
                Version.NUMBER,
                Version.COMMIT);
        lifecycle.started("control", ControlServer.start(vertx, settings.control(), api, git));
        management.ready();
    }

    /** A crash between "it serves" and "the ref moves" is repaired by the books. */
    private static void reconcile(Store store, Repositories repositories) {
        for (TenantName tenant : store.tenants().all()) {
            for (Apps.App app : store.apps().list(tenant)) {
                Optional<Releases.Release> newest = store.releases().list(app.ref(), 100).stream()
                        .filter(each -> each.of().reason().equals("deploy"))
                        .filter(each ->
                                each.state() == Releases.State.LIVE || each.state() == Releases.State.SUPERSEDED)
                        .findFirst();
                try {
                    if (newest.isPresent() && newest.get().of().commit().isPresent()) {
                        repositories.reconcile(
                                app.ref(), newest.get().of().commit().get());
                    }
                } catch (IOException e) {
                    log.atError().addKeyValue("app", app.ref()).setCause(e).log("Repository could not be checked");
                }
            }
        }
    }

    private static void refresh(Cluster cluster, AppService apps, Occurrence occurrence) {
        boolean about = switch (occurrence.event()) {
            case LiveEvent.ReleaseLive _, LiveEvent.AppCreated _, LiveEvent.AppDestroyed _ -> true;
            default -> false;
        };
        if (about && cluster.members().size() > 1) {
            Thread.ofVirtual()
                    .name("refresh-route")
                    .start(() -> apps.refreshRoute(AppRef.of(occurrence.tenant(), occurrence.app())));
        }
    }

    /** What other programs need to find this server. */
    String describe() {
        return String.format(
                Locale.ROOT,
                "{\"pid\":%d,\"url\":\"%s\",\"management\":\"%s\",\"gateway\":\"%s\"}%n",
                ProcessHandle.current().pid(),
                settings.control().url(),
                local(settings.management().host(), settings.management().port()),
                local(settings.gateway().host(), settings.gateway().port()));
    }

    private static String local(String host, int port) {
        return "http://" + (host.equals("0.0.0.0") ? "127.0.0.1" : host) + ":" + port;
    }

    @Override
    public void close() {
        lifecycle.close();
    }
}
