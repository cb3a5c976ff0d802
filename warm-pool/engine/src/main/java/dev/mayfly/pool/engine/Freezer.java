package dev.mayfly.pool.engine;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.sandbox.Sandbox;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops the time of idle instances and lets it go on. */
final class Freezer {
    private static final Logger log = LoggerFactory.getLogger(Freezer.class);

    private static final String NOT_THAWED = "Instance could not be thawed";

    private final Decisions decisions;
    private final InstanceRegistry registry;

    Freezer(Decisions decisions, InstanceRegistry registry) {
        this.decisions = decisions;
        this.registry = registry;
    }

    /** Blocks: each on a thread of its own. */
    void freeze(Instance instance) {
        boolean done = changed(instance, true);
        decisions.decide((core, now) -> {
            if (done) {
                instance.life.enter(LifeStage.FROZEN, now);
            }
            return done ? core.frozen(instance.id, now) : core.freezeFailed(instance.id, now);
        });
        decisions.read(() -> registry.news(instance)).run();
    }

    /** Its request is on its way to it already. Returns at once: what can be begun without waiting needs no other thread. */
    void thaw(Instance instance) {
        Optional<CompletableFuture<Void>> begun = begin(instance);
        if (begun.isEmpty()) {
            onThread(instance, () -> thawed(instance, changed(instance, false)));
            return;
        }
        // Not on the thread that brings the answer: what follows may ask for others.
        begun.get()
                .whenComplete((_, failure) -> onThread(instance, () -> {
                    if (failure != null) {
                        log.atWarn()
                                .addKeyValue("instance", instance.id)
                                .setCause(failure)
                                .log(NOT_THAWED);
                    }
                    thawed(instance, failure == null);
                }));
    }

    private static void onThread(Instance instance, Runnable work) {
        Thread.ofVirtual().name("thaw-" + instance.id).start(work);
    }

    private Optional<CompletableFuture<Void>> begin(Instance instance) {
        if (!instance.standstill.tryLock()) {
            return Optional.empty();
        }
        try {
            Sandbox sandbox = decisions.read(() -> instance.reapWanted ? null : instance.sandbox);
            Optional<CompletableFuture<Void>> begun = sandbox == null ? Optional.empty() : sandbox.beginThaw();
            if (begun.isPresent()) {
                instance.frozen = false;
            }
            return begun;
        } finally {
            instance.standstill.unlock();
        }
    }

    /** Who looks is told with the next tick: its request is not to wait for that. */
    private void thawed(Instance instance, boolean done) {
        decisions.decide((core, now) -> done ? core.thawed(instance.id, now) : core.thawFailed(instance.id, now));
    }

    private boolean changed(Instance instance, boolean frozen) {
        Sandbox sandbox = Objects.requireNonNull(decisions.read(() -> instance.sandbox), "what is ready has a sandbox");
        try {
            instance.standstill.lockInterruptibly();
            try {
                if (decisions.read(() -> instance.reapWanted)) {
                    return false; // It is being stopped, and must hear that.
                }
                if (frozen) {
                    sandbox.freeze();
                } else {
                    sandbox.thaw();
                }
                instance.frozen = frozen;
                return true;
            } finally {
                instance.standstill.unlock();
            }
        } catch (MayflyException e) {
            // A class that cannot freeze is not asked again for this release; anything else is worth a line.
            (e.code() == ErrorCode.UNSUPPORTED ? log.atDebug() : log.atWarn())
                    .addKeyValue("instance", instance.id)
                    .setCause(e)
                    .log(frozen ? "Instance could not be frozen" : NOT_THAWED);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
