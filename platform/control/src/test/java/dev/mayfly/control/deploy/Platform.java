package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.builders.api.SourceTree;
import dev.mayfly.cluster.LocalCluster;
import dev.mayfly.control.live.LiveEvents;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Store;
import dev.mayfly.store.StoreConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Control over a real database, with an engine and instances that do what the test says. */
public final class Platform implements AutoCloseable {
    public final Store store;
    public final FakeEngine engine = new FakeEngine();
    public final FakeInstances instances = new FakeInstances();
    public final LocalCluster cluster = new LocalCluster("one");
    public final AppUrls urls = new AppUrls("localhost", "http", 8080);
    public final LiveEvents events = new LiveEvents(cluster, Clock.systemUTC());
    public final Path builds;
    public final Deployer deployer;
    public final AppService apps;

    /** Image by host; none: the app has nothing to serve. */
    public final Map<String, String> routes = new ConcurrentHashMap<>();

    static final KeepConfig KEEP = new KeepConfig(10, 100, 200, 20_480, 20);

    /** Happens before a route is put. */
    interface RouteWatch {
        void put(String host, String image) throws Exception;
    }

    volatile RouteWatch onRoute = (_, _) -> {};

    public Platform(Path data) {
        this.store = Store.open(StoreConfig.from(ConfigReader.of(Map.of()), data), Clock.systemUTC());
        this.builds = data.resolve("builds");
        DeployParts parts = new DeployParts(
                store,
                engine,
                instances,
                new Routes(),
                urls,
                events,
                KEEP,
                new SimpleMeterRegistry(),
                builds,
                "one",
                Clock.systemUTC());
        this.deployer = new Deployer(parts);
        this.apps = new AppService(parts, deployer, _ -> {});
    }

    public AppRef app(String name) {
        store.tenants().create(new TenantName("local"));
        AppRef app = AppRef.of("local", name);
        apps.create(app);
        return app;
    }

    /** A deploy on a thread of its own. */
    public Deploying start(AppRef app, String commit) {
        List<String> lines = new CopyOnWriteArrayList<>();
        FutureTask<DeployResult> result = new FutureTask<>(() -> deployer.deploy(request(app, commit), lines::add));
        return new Deploying(Thread.ofVirtual().start(result), result, lines);
    }

    public DeployResult deploy(AppRef app, String commit) throws InterruptedException {
        BuildOutput silent = _ -> {};
        return deployer.deploy(request(app, commit), silent);
    }

    private static DeployRequest request(AppRef app, String commit) {
        SourceTree tree = new SourceTree() {
            @Override
            public String id() {
                return "tree-of-" + commit;
            }

            @Override
            public void exportTo(Path directory) {
                throw new IllegalStateException("the engine of this test reads no source");
            }
        };
        return new DeployRequest(app, commit, tree, "dev", false, () -> {});
    }

    public Builds.Build newestBuild(AppRef app) {
        return store.builds().list(app, 1).getFirst();
    }

    @Override
    public void close() {
        deployer.close();
        events.close();
        store.close();
    }

    /** Waits until it is so, at most ten seconds. */
    public static void await(String what, BooleanSupplier so) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 30 s: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** A deploy that goes on. */
    public record Deploying(Thread thread, FutureTask<DeployResult> result, List<String> lines) {}

    private final class Routes implements RouteSink {
        @Override
        public void put(String host, ReleaseToRun release) {
            watched(host, release.image());
        }

        @Override
        public void putNotDeployed(String host, AppRef app) {
            watched(host, "none");
        }

        private void watched(String host, String image) {
            try {
                onRoute.put(host, image);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            routes.put(host, image);
        }

        @Override
        public void remove(String host) {
            routes.remove(host);
        }
    }
}
