package dev.mayfly.pool.shell;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Ids;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Instances;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.Leases;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.pool.api.StartOutcome;
import dev.mayfly.pool.core.Action;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.pool.core.PoolCore;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of this server. All decisions are the core's, under one lock that is never held while anything blocks; starts,
 * probes and reaps run on virtual threads, at most as many as the core has asked for.
 */
public final class WarmPool implements Leases, Instances, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WarmPool.class);
    private static final Duration TICK = Duration.ofMillis(250);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int DEAD_REMEMBERED = 200;
    private static final int LINES_IN_MESSAGE = 5;

    private record Waiting(
            Promise<LeaseOutcome> promise, @Nullable Context context, long since) {}

    private final PoolCore core;
    private final Start start;
    private final PoolListener listener;
    private final Clock clock;
    private final String server;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Long, Waiting> waiting = new HashMap<>();
    private final Map<String, Instance> living = new LinkedHashMap<>();
    private final Deque<InstanceView> dead = new ArrayDeque<>();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("pool-tick").factory());
    private long tickets;

    /** @param server id of this server, for those who look */
    public WarmPool(PoolConfig config, PoolParts parts, PoolListener listener, Clock clock, String server) {
        this.core = new PoolCore(config, () -> Ids.instance(clock));
        this.start = new Start(parts.runtimes(), parts.images(), parts.sockets());
        this.listener = listener;
        this.clock = clock;
        this.server = server;
        ticker.scheduleWithFixedDelay(this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public Future<LeaseOutcome> lease(ReleaseToRun release) {
        Promise<LeaseOutcome> promise = Promise.promise();
        List<Runnable> after = new ArrayList<>(1);
        lock.lock();
        try {
            long ticket = ++tickets;
            waiting.put(ticket, new Waiting(promise, Vertx.currentContext(), System.nanoTime()));
            apply(core.acquire(ticket, release, clock.instant()), after);
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
        return promise.future();
    }

    @Override
    public StartOutcome startHealthy(ReleaseToRun release, Consumer<String> output) throws InterruptedException {
        long begin = System.nanoTime();
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
            Optional<Start.Failure> failure =
                    instance.ready.get(limit.toMillis() + GRACE.toMillis() * 6, TimeUnit.MILLISECONDS);
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
        while (true) {
            List<Runnable> after = new ArrayList<>(1);
            Instance instance = null;
            lock.lock();
            try {
                Optional<Action.Start> wanted = core.prestart(release, clock.instant());
                if (wanted.isPresent()) {
                    apply(List.of(wanted.get()), after);
                    instance = living.get(wanted.get().instance());
                }
            } finally {
                lock.unlock();
            }
            after.forEach(Runnable::run);
            if (instance != null || System.nanoTime() - deadline > 0) {
                return instance;
            }
            Thread.sleep(50);
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
    public void retireOthers(ReleaseToRun current, String reason) {
        decide(() -> core.retireOthers(current.release(), reason));
    }

    @Override
    public void destroyAll(AppRef app, String reason) throws InterruptedException {
        List<CompletableFuture<Void>> going = new ArrayList<>();
        decide(() -> {
            List<Action> actions = core.destroyAll(app, reason);
            core.instancesOf(app)
                    .forEach(id -> Optional.ofNullable(living.get(id)).ifPresent(instance -> going.add(instance.gone)));
            return actions;
        });
        awaitAll(going);
    }

    private static void awaitAll(List<CompletableFuture<Void>> going) throws InterruptedException {
        try {
            CompletableFuture.allOf(going.toArray(CompletableFuture[]::new))
                    .get(GRACE.toMillis() * 4, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.atWarn().setCause(e).log("Instances did not go in time; the sweep will find them");
        }
    }

    @Override
    public List<InstanceView> list() {
        lock.lock();
        try {
            List<InstanceView> views = new ArrayList<>();
            living.values().forEach(instance -> views.add(refreshed(instance).view(server)));
            views.sort(Comparator.comparing(InstanceView::bornAt).reversed());
            views.addAll(dead);
            return views;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Map<InstanceState, Integer> countByState() {
        lock.lock();
        try {
            return core.countByState();
        } finally {
            lock.unlock();
        }
    }

    private void tick() {
        try {
            decide(() -> core.tick(clock.instant()));
        } catch (RuntimeException e) {
            // A ticker that throws is never called again: idle instances would live for ever.
            log.atError().setCause(e).log("The pool's tick failed");
        }
    }

    private interface Decision {
        List<Action> actions();
    }

    private void decide(Decision decision) {
        List<Runnable> after = new ArrayList<>();
        lock.lock();
        try {
            apply(decision.actions(), after);
        } finally {
            lock.unlock();
        }
        after.forEach(Runnable::run);
    }

    /** Notes what each action means here; what may block or call others goes into {@code after}. Under the lock. */
    private void apply(List<Action> actions, List<Runnable> after) {
        for (Action action : actions) {
            switch (action) {
                case Action.Start(String id, ReleaseToRun release) -> {
                    Instance instance = new Instance(id, release, start.runtimeClass(release), clock.instant());
                    living.put(id, instance);
                    after.add(() -> Thread.ofVirtual().name("start-" + id).start(() -> startInstance(instance)));
                    tell(instance, after);
                }
                case Action.Grant(long ticket, String id, boolean cold) -> {
                    Instance instance = java.util.Objects.requireNonNull(living.get(id));
                    Waiting waiter = java.util.Objects.requireNonNull(waiting.remove(ticket));
                    Duration waited = Duration.ofNanos(System.nanoTime() - waiter.since());
                    StartKind kind = cold ? StartKind.COLD : StartKind.WARM;
                    PooledLease lease = new PooledLease(this, instance, kind, waited);
                    after.add(() -> complete(waiter, new LeaseOutcome.Leased(lease)));
                }
                case Action.Refuse(long ticket, ErrorCode code, String detail, Duration retryAfter) -> {
                    Waiting waiter = java.util.Objects.requireNonNull(waiting.remove(ticket));
                    after.add(() -> complete(waiter, new LeaseOutcome.Saturated(code, detail, retryAfter)));
                }
                case Action.FailStart(long ticket, String id, ErrorCode code, String detail) -> {
                    Waiting waiter = java.util.Objects.requireNonNull(waiting.remove(ticket));
                    after.add(() -> complete(waiter, new LeaseOutcome.StartFailed(id, code, detail)));
                }
                case Action.Reap(String id, String reason) -> {
                    Instance instance = java.util.Objects.requireNonNull(living.get(id));
                    if (instance.diedOf == null) {
                        instance.diedOf = reason;
                    }
                    instance.reapWanted = true;
                    tell(instance, after);
                    after.add(() -> Thread.ofVirtual().name("reap-" + id).start(() -> reap(instance)));
                }
            }
        }
    }

    private static void complete(Waiting waiter, LeaseOutcome outcome) {
        Context context = waiter.context();
        if (context == null || context.equals(Vertx.currentContext())) {
            waiter.promise().complete(outcome);
        } else {
            context.runOnContext(_ -> waiter.promise().complete(outcome));
        }
    }

    private void startInstance(Instance instance) {
        Optional<Start.Failure> failure;
        try {
            Start.Started started = start.instance(instance.id, instance.release, (stderr, line) -> {
                instance.printed(line);
                listener.line(instance.release.release(), instance.id, stderr, line);
            });
            CompletableFuture<SandboxExit> exit = started.sandbox().exit();
            boolean unwanted;
            lock.lock();
            try {
                instance.sandbox = started.sandbox();
                instance.address = started.address();
                unwanted = instance.reapWanted;
            } finally {
                lock.unlock();
            }
            if (unwanted) {
                reap(instance);
                return;
            }
            exit.thenAccept(end -> Thread.ofVirtual().start(() -> ended(instance, end)));
            failure = Readiness.await(instance.release, started.address(), exit);
            if (failure.isEmpty()) {
                settleStart(instance, failure);
                if (exit.isDone()) {
                    ended(instance, exit.join()); // It ended between its answer and our noting it.
                }
                return;
            }
        } catch (MayflyException e) {
            log.atWarn().addKeyValue("instance", instance.id).setCause(e).log("Instance could not be made");
            failure = Optional.of(new Start.Failure(e.code(), e.detail()));
        } catch (RuntimeException e) {
            log.atError().addKeyValue("instance", instance.id).setCause(e).log("Instance could not be made");
            failure = Optional.of(new Start.Failure(ErrorCode.INTERNAL, "Mayfly could not make its sandbox"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = Optional.of(new Start.Failure(ErrorCode.SHUTTING_DOWN, "this server is stopping"));
        }
        settleStart(instance, failure);
    }

    private void settleStart(Instance instance, Optional<Start.Failure> failure) {
        decide(() -> {
            if (failure.isPresent()) {
                Start.Failure why = failure.get();
                if (instance.diedOf == null) {
                    instance.diedOf = "start-failed";
                }
                instance.detail = why.detail();
                return core.startFailed(
                        instance.id, why.code(), withLastLines(instance, why.detail()), clock.instant());
            }
            instance.readyAt = clock.instant();
            return core.started(instance.id, clock.instant());
        });
        if (failure.isEmpty()) {
            changed(instance);
        } else if (instance.sandbox == null) {
            bury(instance); // Nothing was made, so nothing is to be reaped.
        }
        instance.ready.complete(failure);
    }

    private static String withLastLines(Instance instance, String detail) {
        List<String> lines = instance.lastLines(LINES_IN_MESSAGE);
        return lines.isEmpty() ? detail : detail + "; it printed: " + String.join(" | ", lines);
    }

    private void ended(Instance instance, SandboxExit end) {
        decide(() -> {
            if (instance.diedOf == null) {
                instance.diedOf = end.reason();
                instance.detail = end.describe();
            }
            return instance.readyAt == null ? List.of() : core.died(instance.id, end.reason(), clock.instant());
        });
    }

    private void reap(Instance instance) {
        Sandbox sandbox;
        lock.lock();
        try {
            sandbox = instance.sandbox;
            if (sandbox == null) {
                return; // Still being made: whoever makes it sees that it is unwanted.
            }
        } finally {
            lock.unlock();
        }
        try {
            if (!sandbox.exit().isDone()) {
                stopGently(sandbox);
            }
            sandbox.destroy(); // What it leaves, the runtime class tells.
            start.cleanUp(instance.id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.atError()
                    .addKeyValue("instance", instance.id)
                    .setCause(e)
                    .log("Instance was not reaped cleanly; the sweep will retry");
        } finally {
            bury(instance);
        }
    }

    /** SIGTERM first, as every contract of the field promises; then a few seconds at most. */
    private static void stopGently(Sandbox sandbox) throws InterruptedException {
        sandbox.terminate();
        try {
            sandbox.exit().get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.atDebug().addKeyValue("sandbox", sandbox.id()).log("Did not stop within the grace period");
        }
    }

    private void bury(Instance instance) {
        boolean[] buried = {false};
        decide(() -> {
            if (living.remove(instance.id) == null) {
                return List.of();
            }
            buried[0] = true;
            instance.state = InstanceState.REAPED;
            instance.active = 0;
            instance.diedAt = clock.instant();
            dead.addFirst(instance.view(server));
            if (dead.size() > DEAD_REMEMBERED) {
                dead.removeLast();
            }
            return core.reaped(instance.id, clock.instant());
        });
        if (buried[0]) {
            listener.instanceChanged(instance.view(server));
            instance.ready.complete(Optional.of(new Start.Failure(ErrorCode.START_FAILED, "it was reaped")));
            instance.gone.complete(null);
        }
    }

    /** Ends a lease. Called by the lease, once. */
    void released(Instance instance, boolean broken) {
        decide(() -> {
            List<Action> actions = core.released(instance.id, broken, clock.instant());
            refreshed(instance);
            return actions;
        });
    }

    private void tell(Instance instance, List<Runnable> after) {
        InstanceView view = refreshed(instance).view(server);
        after.add(() -> listener.instanceChanged(view));
    }

    private void changed(Instance instance) {
        InstanceView view;
        lock.lock();
        try {
            view = refreshed(instance).view(server);
        } finally {
            lock.unlock();
        }
        listener.instanceChanged(view);
    }

    /** Copies the core's counts. Under the lock. */
    private Instance refreshed(Instance instance) {
        InstanceState now = core.state(instance.id);
        if (now != InstanceState.REAPED) {
            instance.state = now;
            instance.active = core.active(instance.id);
            instance.served = core.served(instance.id);
        }
        return instance;
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        List<CompletableFuture<Void>> going = new ArrayList<>();
        decide(() -> {
            List<Action> actions = core.close();
            living.values().forEach(instance -> going.add(instance.gone));
            return actions;
        });
        try {
            awaitAll(going);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
