package dev.mayfly.pool.shell;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.sandbox.Sandbox;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops the time of idle instances and lets it go on. Blocks: each on a thread of its own. */
final class Freezer {
    private static final Logger log = LoggerFactory.getLogger(Freezer.class);

    private final Decisions decisions;
    private final Residents residents;

    Freezer(Decisions decisions, Residents residents) {
        this.decisions = decisions;
        this.residents = residents;
    }

    void freeze(Instance instance) {
        boolean done = changed(instance, true);
        decisions.decide((core, now) -> {
            if (done) {
                instance.life.enter(LifeStage.FROZEN, now);
            }
            return done ? core.frozen(instance.id, now) : core.freezeFailed(instance.id, now);
        });
        decisions.read(() -> residents.news(instance)).run();
    }

    void thaw(Instance instance) {
        boolean done = changed(instance, false);
        decisions.decide((core, now) -> {
            if (done) {
                instance.life.enter(LifeStage.READY, now);
            }
            return done ? core.thawed(instance.id, now) : core.thawFailed(instance.id, now);
        });
        decisions.read(() -> residents.news(instance)).run();
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
                    .log(frozen ? "Instance could not be frozen" : "Instance could not be thawed");
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
