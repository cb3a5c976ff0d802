package dev.mayfly.pool.engine;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.pool.core.OwnZygote;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes instances and gets them ready, and tells the core what came of it. Blocks: each on a thread of its own. */
final class InstanceStarter {
    private static final Logger log = LoggerFactory.getLogger(InstanceStarter.class);
    private static final int LINES_IN_MESSAGE = 5;
    private static final String NOT_MADE = "Instance could not be made";

    private final SandboxStarter start;
    private final Generics generics;
    private final Decisions decisions;
    private final InstanceRegistry registry;
    private final PoolListener listener;
    private final InstanceReaper reaper;

    InstanceStarter(
            SandboxStarter start,
            Generics generics,
            Decisions decisions,
            InstanceRegistry registry,
            PoolListener listener,
            InstanceReaper reaper) {
        this.start = start;
        this.generics = generics;
        this.decisions = decisions;
        this.registry = registry;
        this.listener = listener;
        this.reaper = reaper;
    }

    private interface Step {
        /** Empty: it is ready. */
        Optional<SandboxStarter.Failure> run() throws InterruptedException;
    }

    /** From nothing to ready; where that can be forked and bound, this costs less than a start of its own. */
    void start(Instance instance, Optional<GenericKey> generic) {
        Optional<GenericKey> forked = generic.filter(generics::forks);
        if (forked.isPresent()) {
            run(instance, () -> {
                Optional<SandboxStarter.Failure> failure = warm(instance, forked.get());
                return failure.isPresent() ? failure : becomeRelease(instance);
            });
            return;
        }
        run(instance, () -> {
            SandboxStarter.Started started =
                    start.instance(instance.id, instance.release(), (stderr, line) -> printed(instance, stderr, line));
            if (!made(instance, started.sandbox())) {
                return Optional.of(unwanted());
            }
            decisions.note(() -> instance.address = started.address());
            return Readiness.await(
                    instance.release(), started.address(), started.sandbox().exit());
        });
    }

    /** From what a predecessor has left running to ready. */
    void adopt(Instance instance) {
        run(instance, () -> {
            Optional<SandboxStarter.Started> adopted =
                    start.adopt(instance.id, instance.release(), (stderr, line) -> printed(instance, stderr, line));
            if (adopted.isEmpty()) {
                start.cleanUp(instance.id);
                decisions.note(() -> instance.diedOf = DeathReason.NOT_ADOPTED);
                return Optional.of(new SandboxStarter.Failure(ErrorCode.START_FAILED, "it could not be taken over"));
            }
            Sandbox sandbox = adopted.get().sandbox();
            if (!made(instance, sandbox)) {
                return Optional.of(unwanted());
            }
            decisions.note(() -> instance.address = adopted.get().address());
            return Readiness.await(instance.release(), adopted.get().address(), sandbox.exit());
        });
    }

    /** From nothing to generic. */
    void startGeneric(Instance instance, GenericKey key) {
        run(instance, () -> warm(instance, key));
    }

    /** So that nothing more is forked from it. */
    void retire(OwnZygote zygote) {
        try {
            generics.retire(zygote);
        } catch (RuntimeException | Error e) {
            log.atWarn().addKeyValue("zygote", zygote).setCause(e).log("A zygote is not known to have ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** From generic to ready. */
    void bind(Instance instance) {
        run(instance, () -> becomeRelease(instance));
    }

    private Optional<SandboxStarter.Failure> warm(Instance instance, GenericKey key) throws InterruptedException {
        Generics.Warming warming = generics.start(instance.id, key, (stderr, line) -> printed(instance, stderr, line));
        return made(instance, warming.sandbox()) ? warming.await() : Optional.of(unwanted());
    }

    private Optional<SandboxStarter.Failure> becomeRelease(Instance instance) throws InterruptedException {
        Sandbox sandbox = decisions.read(() -> instance.sandbox);
        if (sandbox == null) {
            throw new IllegalStateException("a generic instance that is bound has a sandbox");
        }
        SandboxStarter.Started bound = generics.bind(sandbox, instance.release());
        decisions.note(() -> instance.address = bound.address());
        return Readiness.await(instance.release(), bound.address(), sandbox.exit());
    }

    private void run(Instance instance, Step step) {
        Optional<SandboxStarter.Failure> failure;
        try {
            failure = step.run();
        } catch (MayflyException e) {
            boolean ours = e.code() == ErrorCode.INTERNAL;
            (ours ? log.atError() : log.atWarn())
                    .addKeyValue("instance", instance.id)
                    .setCause(e)
                    .log(NOT_MADE);
            failure = Optional.of(
                    ours ? SandboxStarter.Failure.PLATFORM : new SandboxStarter.Failure(e.code(), e.detail()));
        } catch (RuntimeException | Error e) { // An Error, too: who waits for the instance would wait in vain.
            log.atError().addKeyValue("instance", instance.id).setCause(e).log(NOT_MADE);
            failure = Optional.of(SandboxStarter.Failure.PLATFORM);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = Optional.of(new SandboxStarter.Failure(ErrorCode.SHUTTING_DOWN, "this server is stopping"));
        }
        settle(instance, failure);
    }

    /** Notes the sandbox. False: the instance was to go while it was made. */
    private boolean made(Instance instance, Sandbox sandbox) {
        boolean wanted = decisions.read(() -> {
            instance.sandbox = sandbox;
            return !instance.reapWanted;
        });
        if (!wanted) {
            reaper.reap(instance);
            return false;
        }
        CompletableFuture<SandboxExit> exit = sandbox.exit();
        exit.thenAccept(end -> Thread.ofVirtual().start(() -> reaper.ended(instance, end)));
        return true;
    }

    private static SandboxStarter.Failure unwanted() {
        return new SandboxStarter.Failure(ErrorCode.START_FAILED, "it was reaped");
    }

    private void settle(Instance instance, Optional<SandboxStarter.Failure> failure) {
        if (failure.isPresent()) {
            instance.ready.complete(failure); // Before it is reaped, of which less is known.
        }
        decisions.decide((core, now) -> {
            if (failure.isPresent()) {
                SandboxStarter.Failure why = failure.get();
                if (instance.diedOf == null) {
                    instance.diedOf = DeathReason.START_FAILED;
                }
                if (instance.detail == null && !instance.reapWanted) {
                    instance.detail = why.detail(); // Of one that was to go it would only say that it went.
                }
                return core.startFailed(instance.id, why.code(), withLastLines(instance, why.detail()), now);
            }
            instance.settled = true;
            instance.readyAt = instance.bound() ? now : null;
            instance.life.enter(instance.bound() ? LifeStage.READY : LifeStage.GENERIC, now);
            return core.started(instance.id, now);
        });
        if (failure.isEmpty()) {
            decisions.read(() -> registry.news(instance)).run();
            Sandbox sandbox = decisions.read(() -> instance.sandbox);
            if (sandbox != null && sandbox.exit().isDone()) {
                reaper.ended(instance, sandbox.exit().join()); // It ended between its answer and our noting it.
            }
        } else if (decisions.read(() -> instance.sandbox) == null) {
            reaper.buryUnmade(instance);
        }
        if (failure.isEmpty() && instance.bound()) {
            instance.ready.complete(failure);
        }
    }

    private void printed(Instance instance, boolean stderr, String line) {
        if (instance.bound()) {
            instance.printed(line);
            listener.line(instance.release().release(), instance.id, stderr, line);
        }
    }

    private static String withLastLines(Instance instance, String detail) {
        List<String> lines = instance.lastLines(LINES_IN_MESSAGE);
        return lines.isEmpty() ? detail : detail + "; it printed: " + String.join(" | ", lines);
    }
}
