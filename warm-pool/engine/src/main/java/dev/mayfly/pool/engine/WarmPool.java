package dev.mayfly.pool.engine;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Ids;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Instances;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LeaseRequest;
import dev.mayfly.pool.api.Leases;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartOutcome;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.pool.core.PoolCore;
import dev.mayfly.pool.core.Prestart;
import dev.mayfly.pool.core.Wanted;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Supervised;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxRuntime;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of this server. All decisions are the core's; what it wants done runs on virtual threads, at most as many as it has
 * asked for.
 */
public final class WarmPool implements Leases, Instances, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WarmPool.class);
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration SWEEP = Duration.ofMinutes(1);
    private static final Duration PRESTART_POLL = Duration.ofMillis(50);

    private final PoolCore core;
    private final RuntimeClasses runtimes;
    private final Adoption adoption;
    private final SocketFolders sockets;
    private final SandboxStarter start;
    private final Generics generics;
    private final Clock clock;
    private final Decisions decisions;
    private final InstanceRegistry registry;
    private final Waiters waiters = new Waiters();
    private final Supervised sweeper;
    private final Supervised ticker;

    /** @param server id of this server, for those who look */
    public WarmPool(PoolConfig config, PoolParts parts, PoolListener listener, Clock clock, String server)
            throws InterruptedException {
        this.core = new PoolCore(config, () -> Ids.instance(clock));
        this.runtimes = parts.runtimes();
        Map<String, String> orphans = runtimes.orphans();
        this.adoption = new Adoption(orphans);
        this.sockets = new SocketFolders(parts.sockets(), orphans.keySet());
        this.start = new SandboxStarter(runtimes, parts.images(), sockets);
        SandboxRuntime runtime = runtimes.of(Optional.empty());
        this.generics = runtime.bindsLate()
                ? new LateBinding(
                        start,
                        runtime,
                        parts.images(),
                        sockets,
                        config.keeping().zygotes())
                : new NoGenerics();
        this.clock = clock;
        this.decisions = new Decisions(core, clock);
        this.registry = new InstanceRegistry(core, listener, server);
        InstanceReaper reaper = new InstanceReaper(start, decisions, registry);
        InstanceStarter starter = new InstanceStarter(start, generics, decisions, registry, listener, reaper);
        Freezer freezer = new Freezer(decisions, registry);
        decisions.executedBy(new ActionExecutor(this, registry, waiters, starter, reaper, freezer));
        this.sweeper = parts.health().every(Part.STARTS, "socket-sweep", SWEEP, this::sweepSockets);
        this.ticker = parts.health().every(Part.STARTS, "pool-tick", TICK, this::tick);
    }

    /** A new instance for the core's start; its class is known before its sandbox is made. */
    Instance born(String id, @Nullable ReleaseToRun release) {
        String runtimeClass = release == null ? start.defaultClass() : start.runtimeClass(release);
        return new Instance(id, release, runtimeClass, clock.instant());
    }

    /** An instance that a predecessor has left; its life counts from here. */
    Instance adopted(String id, ReleaseToRun release) {
        adoption.taken(id);
        return born(id, release);
    }

    @Override
    public LeaseRequest lease(ReleaseToRun release) {
        Promise<LeaseOutcome> promise = Promise.promise();
        long[] ticket = {0};
        Wanted wanted = generics.wanted(release);
        decisions.decide((_, now) -> {
            ticket[0] = waiters.add(promise);
            return core.acquire(ticket[0], wanted, now);
        });
        return new Asked(
                promise.future(),
                () -> decisions.decide((_, now) -> {
                    if (waiters.forget(ticket[0])) {
                        core.abandon(ticket[0], release.release(), now);
                    }
                    return List.of();
                }));
    }

    private record Asked(Future<LeaseOutcome> outcome, Runnable whenAbandoned) implements LeaseRequest {
        @Override
        public void abandon() {
            whenAbandoned.run();
        }
    }

    /** Ends a lease. Called by the lease, once. */
    void released(Instance instance, boolean broken) {
        decisions.decide((_, now) -> registry.left(instance, core.released(instance.id, broken, now), now));
    }

    @Override
    public StartOutcome startHealthy(ReleaseToRun release, Consumer<String> output) throws InterruptedException {
        long begin = System.nanoTime();
        Optional<String> refusal = core.refusal(release);
        if (refusal.isPresent()) {
            return new StartOutcome.Unhealthy("", ErrorCode.QUOTA_EXCEEDED, refusal.get());
        }
        Duration limit = release.spec().limits().startTimeout();
        Instance instance = prestart(release, limit);
        if (instance == null) {
            return new StartOutcome.Unhealthy(
                    "",
                    ErrorCode.CAPACITY_EXHAUSTED,
                    "no place for another instance within " + limit.toSeconds() + " s");
        }
        instance.watch(output);
        try {
            Optional<SandboxStarter.Failure> failure =
                    instance.ready.get(limit.toMillis() + InstanceReaper.GRACE.toMillis() * 6, TimeUnit.MILLISECONDS);
            return failure.<StartOutcome>map(why -> new StartOutcome.Unhealthy(instance.id, why.code(), why.detail()))
                    .orElseGet(
                            () -> new StartOutcome.Healthy(instance.id, Duration.ofNanos(System.nanoTime() - begin)));
        } catch (ExecutionException e) {
            throw new IllegalStateException("readiness never fails", e);
        } catch (TimeoutException e) {
            return new StartOutcome.Unhealthy(instance.id, ErrorCode.START_TIMEOUT, "not ready in time");
        }
    }

    private @Nullable Instance prestart(ReleaseToRun release, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Wanted wanted = generics.wanted(release);
        while (true) {
            List<String> ids = new ArrayList<>(1);
            decisions.decide((_, now) -> {
                Prestart prestart = core.prestart(wanted, now);
                prestart.instance().ifPresent(ids::add);
                return prestart.actions();
            });
            Instance instance = ids.isEmpty() ? null : decisions.read(() -> registry.find(ids.getFirst()));
            if (instance != null || System.nanoTime() - deadline > 0) {
                return instance;
            }
            Thread.sleep(PRESTART_POLL);
        }
    }

    @Override
    public int runOnce(ReleaseToRun release, ProcessSpec process, Duration timeout, Consumer<String> output)
            throws InterruptedException {
        Sandbox sandbox = start.oneOff(Ids.instance(clock), release, process, (_, line) -> output.accept(line));
        try {
            return sandbox.exit().get(timeout.toMillis(), TimeUnit.MILLISECONDS).code();
        } catch (TimeoutException e) {
            return 124;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an exit never fails", e);
        } finally {
            sandbox.destroy();
        }
    }

    @Override
    public void expect(ReleaseToRun release) {
        Wanted wanted = generics.wanted(release);
        List<String> running = adoption.of(release);
        if (!running.isEmpty()) {
            decisions.decide((_, now) -> core.adopt(running, wanted, now));
        }
        decisions.decide((_, now) -> core.expect(wanted, now));
    }

    /**
     * All releases that are served are expected by now: what still runs of a predecessor of this server and is of none of them is
     * destroyed.
     */
    public void endAdoption() throws InterruptedException {
        Set<String> rest = adoption.end();
        runtimes.destroyOrphans(rest);
        for (String id : rest) {
            sockets.remove(id);
        }
    }

    @Override
    public void retireOthers(ReleaseToRun current, DeathReason reason) {
        decisions.decide((_, _) -> core.retireOthers(current.release(), reason));
    }

    @Override
    public void destroyAll(AppRef app, DeathReason reason) throws InterruptedException {
        List<CompletableFuture<Void>> going = new ArrayList<>();
        decisions.decide((_, _) -> {
            core.instancesOf(app).forEach(id -> going.add(registry.get(id).gone));
            return core.destroyAll(app, reason);
        });
        awaitAll(going);
    }

    private static void awaitAll(List<CompletableFuture<Void>> going) throws InterruptedException {
        try {
            CompletableFuture.allOf(going.toArray(CompletableFuture[]::new))
                    .get(InstanceReaper.GRACE.toMillis() * 4, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.atWarn().setCause(e).log("Instances did not go in time; the sweep will find them");
        }
    }

    @Override
    public List<InstanceView> list() {
        return decisions.read(() -> registry.views(clock.instant()));
    }

    @Override
    public PoolView pool() {
        return decisions.read(core::view);
    }

    private void tick() {
        decisions.decide((_, now) -> core.tick(now));
        long free = FreeMemory.mib();
        decisions.decide((_, now) -> core.memoryFree(free, now));
        decisions.read(() -> registry.untold(clock.instant())).forEach(Runnable::run);
    }

    /** What should have gone with its instance, and did not. An orphan's socket stays until it is adopted or destroyed. */
    private void sweepSockets() throws InterruptedException {
        Set<String> living = new HashSet<>(runtimes.orphans().keySet());
        decisions
                .read(() -> registry.all().stream().map(each -> each.id).toList())
                .forEach(living::add);
        int found = sockets.sweep(living);
        if (found > 0) {
            log.atWarn().addKeyValue("found", found).log("Sockets of no instance that lives are removed");
        }
    }

    @Override
    public void close() {
        ticker.close();
        sweeper.close();
        List<CompletableFuture<Void>> going = new ArrayList<>();
        decisions.decide((_, _) -> {
            registry.all().forEach(instance -> going.add(instance.gone));
            return core.close();
        });
        try {
            awaitAll(going);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
