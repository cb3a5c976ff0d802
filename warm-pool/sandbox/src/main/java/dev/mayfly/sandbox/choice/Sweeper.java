package dev.mayfly.sandbox.choice;

import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.network.Networks;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds at what there is, and every minute sweeps all open classes and the networks, one after the other:
 * the one ticker for all of them.
 */
final class Sweeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
    private static final long SWEEP_SECONDS = 60;
    private static final long LOOK_SECONDS = 5;
    private static final long END_SECONDS_MAX = 10;

    private final Supplier<List<SandboxRuntime>> open;
    private final @Nullable Networks networks;
    private final SandboxListener listener;
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("sandbox-sweep").factory());
    private List<String> known = List.of();
    private volatile SandboxHealth health = SandboxHealth.NOTHING;

    /** @param open the classes that are open at the moment */
    Sweeper(Supplier<List<SandboxRuntime>> open, @Nullable Networks networks, SandboxListener listener) {
        this.open = open;
        this.networks = networks;
        this.listener = listener;
    }

    void start() {
        ticker.scheduleWithFixedDelay(this::look, 0, LOOK_SECONDS, TimeUnit.SECONDS);
        ticker.scheduleWithFixedDelay(this::sweepAll, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    /** One sweep of everything. A class that cannot be swept does not keep the others from it. */
    synchronized void sweepAll() {
        try {
            for (SandboxRuntime runtime : open.get()) {
                try {
                    runtime.sweep();
                } catch (RuntimeException e) {
                    log.atWarn()
                            .addKeyValue("runtime", runtime.name())
                            .setCause(e)
                            .log("The sweep failed; the next one tries again");
                }
            }
            sweepNetworks();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        look();
    }

    private void sweepNetworks() {
        if (networks == null) {
            return;
        }
        try {
            Sweep sweep = networks.sweep();
            WatchedRuntime.tell("networks", sweep, known, listener);
            known = sweep.left();
        } catch (RuntimeException e) {
            listener.sweepFailed("networks");
            log.atWarn().setCause(e).log("The sweep of networks failed; the next one tries again");
        }
    }

    private void look() {
        SandboxHealth sum = SandboxHealth.NOTHING;
        try {
            for (SandboxRuntime runtime : open.get()) {
                sum = sum.plus(runtime.health());
            }
            health = sum;
        } catch (RuntimeException e) {
            log.atDebug().setCause(e).log("A runtime class does not tell how it is");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of all open classes, a few seconds old at most. Does not block. */
    SandboxHealth health() {
        return health;
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        try {
            if (!ticker.awaitTermination(END_SECONDS_MAX, TimeUnit.SECONDS)) {
                log.warn("The sweep did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
