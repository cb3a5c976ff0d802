package dev.mayfly.sandbox.choice;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SharedPart;
import dev.mayfly.sandbox.Sweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds at what there is, and every minute sweeps all open classes and what they share, one after the other:
 * the one ticker for all of them.
 */
final class Sweeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
    private static final Duration SWEEP = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final Supplier<List<SandboxRuntime>> open;
    private final List<SharedPart> shared;
    private final SandboxListener listener;
    private final Health register;
    private final List<AutoCloseable> started = new ArrayList<>();
    private final Map<String, List<String>> known = new HashMap<>();
    private volatile SandboxHealth health = SandboxHealth.NOTHING;

    /** @param open the classes that are open at the moment */
    Sweeper(Supplier<List<SandboxRuntime>> open, List<SharedPart> shared, SandboxListener listener, Health register) {
        this.register = register;
        this.open = open;
        this.shared = shared;
        this.listener = listener;
    }

    void start() {
        look();
        started.add(register.every(Part.STARTS, "sandbox-look", LOOK, this::look));
        started.add(register.every(Part.STARTS, "sandbox-sweep", SWEEP, this::sweepAll));
        started.add(register.add(Part.STARTS, "runtime classes", this::trouble));
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
            for (SharedPart part : shared) {
                sweep(part);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        look();
    }

    private void sweep(SharedPart part) throws InterruptedException {
        try {
            Sweep sweep = part.sweep();
            WatchedRuntime.tell(part.name(), sweep, known.getOrDefault(part.name(), List.of()), listener);
            known.put(part.name(), sweep.left());
        } catch (RuntimeException e) {
            listener.sweepFailed(part.name());
            log.atWarn().addKeyValue("what", part.name()).setCause(e).log("The sweep failed; the next one tries again");
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

    /** Whether each open class could make a sandbox now. */
    private Optional<String> trouble() throws InterruptedException {
        List<String> troubles = new ArrayList<>();
        for (SandboxRuntime runtime : open.get()) {
            try {
                runtime.trouble().ifPresent(what -> troubles.add(runtime.name() + ": " + what));
            } catch (RuntimeException e) {
                log.atDebug().setCause(e).log("A runtime class cannot be asked");
                troubles.add(runtime.name() + ": " + e.getMessage());
            }
        }
        return troubles.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", troubles));
    }

    /** Of all open classes, a few seconds old at most. Does not block. */
    SandboxHealth health() {
        return health;
    }

    @Override
    public void close() {
        for (AutoCloseable each : started) {
            try {
                each.close();
            } catch (Exception e) {
                log.atWarn().setCause(e).log("A loop of the sweep did not end");
            }
        }
    }
}
