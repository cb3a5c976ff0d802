package dev.mayfly.pool.engine;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends instances and sees to it that nothing of them is left. Blocks: each on a thread of its own. */
final class InstanceReaper {
    private static final Logger log = LoggerFactory.getLogger(InstanceReaper.class);

    /** How long an instance may take to stop by itself. */
    static final Duration GRACE = Duration.ofSeconds(5);

    private final SandboxStarter start;
    private final Decisions decisions;
    private final InstanceRegistry registry;

    InstanceReaper(SandboxStarter start, Decisions decisions, InstanceRegistry registry) {
        this.start = start;
        this.decisions = decisions;
        this.registry = registry;
    }

    /** Its sandbox has ended by itself. */
    void ended(Instance instance, SandboxExit end) {
        decisions.decide((core, now) -> {
            if (instance.diedOf == null) {
                instance.diedOf = end.reason();
                instance.detail = end.describe();
            }
            if (!instance.settled) {
                return List.of();
            }
            return end.cause() == SandboxExit.Cause.RUNTIME_LOST
                    ? core.lost(instance.id, end.reason(), now)
                    : core.died(instance.id, end.reason(), now);
        });
    }

    void reap(Instance instance) {
        Sandbox sandbox = decisions.read(() -> instance.sandbox);
        if (sandbox == null) {
            return; // Still being made: whoever makes it sees that it is unwanted.
        }
        try {
            // What still runs after its only request does so for nobody.
            if (!sandbox.exit().isDone() && decisions.read(() -> instance.diedOf) != DeathReason.SERVED) {
                tryToStop(instance, sandbox);
            }
            try {
                sandbox.destroy(); // What it leaves, the runtime class tells.
            } finally {
                start.cleanUp(instance.id);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            log.atError()
                    .addKeyValue("instance", instance.id)
                    .setCause(e)
                    .log("Instance was not reaped cleanly; the sweep will retry");
        } finally {
            bury(instance);
        }
    }

    /** One that cannot be asked to stop, as what ran it has died, is destroyed all the same. */
    private static void tryToStop(Instance instance, Sandbox sandbox) throws InterruptedException {
        try {
            stopGently(instance, sandbox);
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("instance", instance.id).setCause(e).log("Instance could not be asked to stop");
        }
    }

    /** SIGTERM first, as every contract of the field promises; then a few seconds at most. What stands still hears nothing. */
    private static void stopGently(Instance instance, Sandbox sandbox) throws InterruptedException {
        instance.standstill.lockInterruptibly();
        try {
            if (instance.frozen) {
                sandbox.thaw();
                instance.frozen = false;
            }
        } finally {
            instance.standstill.unlock();
        }
        sandbox.terminate();
        try {
            sandbox.exit().get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.atDebug().addKeyValue("sandbox", sandbox.id()).log("Did not stop within the grace period");
        }
    }

    /** No sandbox was made, so none is to be reaped; but its socket may be there. */
    void buryUnmade(Instance instance) {
        try {
            start.cleanUp(instance.id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.atWarn().addKeyValue("instance", instance.id).setCause(e).log("A socket does not go");
        } finally {
            bury(instance);
        }
    }

    /** Notes that nothing of it is left. */
    void bury(Instance instance) {
        List<Runnable> news = new ArrayList<>(1);
        decisions.decide((core, now) -> {
            Optional<Runnable> buried = registry.bury(instance, now);
            buried.ifPresent(news::add);
            return buried.isPresent() ? core.reaped(instance.id, now) : List.of();
        });
        for (Runnable tell : news) {
            tell.run();
            instance.ready.complete(Optional.of(new SandboxStarter.Failure(ErrorCode.START_FAILED, "it was reaped")));
            instance.gone.complete(null);
        }
    }
}
