package dev.mayfly.sandbox.choice;

import dev.mayfly.model.Zygote;
import dev.mayfly.sandbox.GenericSandbox;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxBinding;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.Sweep;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A runtime class that tells what its sandboxes leave and its sweeps find, whoever destroys or sweeps. */
final class WatchedRuntime implements SandboxRuntime {
    private static final Logger log = LoggerFactory.getLogger(WatchedRuntime.class);

    private final SandboxRuntime runtime;
    private final SandboxListener listener;
    private List<String> known = List.of();

    WatchedRuntime(SandboxRuntime runtime, SandboxListener listener) {
        this.runtime = runtime;
        this.listener = listener;
    }

    @Override
    public String name() {
        return runtime.name();
    }

    @Override
    public boolean isolates() {
        return runtime.isolates();
    }

    @Override
    public Sandbox start(SandboxSpec spec) throws InterruptedException {
        return new Watched(runtime.start(spec));
    }

    @Override
    public boolean bindsLate() {
        return runtime.bindsLate();
    }

    @Override
    public GenericSandbox startGeneric(SandboxSpec spec, Optional<Zygote> zygote) throws InterruptedException {
        return new WatchedGeneric(runtime.startGeneric(spec, zygote));
    }

    @Override
    public void retire(Zygote zygote) throws InterruptedException {
        runtime.retire(zygote);
    }

    @Override
    public boolean handsOnSockets() {
        return runtime.handsOnSockets();
    }

    @Override
    public boolean seesMounts() {
        return runtime.seesMounts();
    }

    @Override
    public Map<String, String> orphans() {
        return runtime.orphans();
    }

    @Override
    public Optional<Sandbox> adopt(SandboxSpec spec) throws InterruptedException {
        return runtime.adopt(spec).map(Watched::new);
    }

    @Override
    public void destroyOrphans(Set<String> ids) throws InterruptedException {
        runtime.destroyOrphans(ids);
    }

    @Override
    public synchronized Sweep sweep() throws InterruptedException {
        Sweep sweep;
        try {
            sweep = runtime.sweep();
        } catch (RuntimeException e) {
            listener.sweepFailed(name());
            throw e;
        }
        tell(name(), sweep, known, listener);
        known = sweep.left();
        return sweep;
    }

    /** @param known what was left before: the log says it once */
    static void tell(String what, Sweep sweep, List<String> known, SandboxListener listener) {
        if (sweep.found() > 0) {
            log.atWarn()
                    .addKeyValue("what", what)
                    .addKeyValue("found", sweep.found())
                    .log("The sweep found what belongs to no sandbox that lives");
        }
        if (!sweep.left().isEmpty() && !sweep.left().equals(known)) {
            log.atError()
                    .addKeyValue("what", what)
                    .addKeyValue("left", sweep.left())
                    .log("In quarantine: something does not go");
        }
        listener.swept(what, sweep);
    }

    @Override
    public SandboxHealth health() throws InterruptedException {
        return runtime.health();
    }

    @Override
    public Optional<String> trouble() throws InterruptedException {
        return runtime.trouble();
    }

    @Override
    public void close() {
        runtime.close();
    }

    private final class WatchedGeneric extends Watched implements GenericSandbox {
        private final GenericSandbox generic;

        WatchedGeneric(GenericSandbox generic) {
            super(generic);
            this.generic = generic;
        }

        @Override
        public void bind(SandboxBinding binding) throws InterruptedException {
            generic.bind(binding);
        }
    }

    private class Watched implements Sandbox {
        private final Sandbox sandbox;
        private final AtomicBoolean told = new AtomicBoolean();

        Watched(Sandbox sandbox) {
            this.sandbox = sandbox;
        }

        @Override
        public String id() {
            return sandbox.id();
        }

        @Override
        public Optional<String> address() {
            return sandbox.address();
        }

        @Override
        public CompletableFuture<SandboxExit> exit() {
            return sandbox.exit();
        }

        @Override
        public void terminate() {
            sandbox.terminate();
        }

        @Override
        public void freeze() throws InterruptedException {
            sandbox.freeze();
        }

        @Override
        public void thaw() throws InterruptedException {
            sandbox.thaw();
        }

        @Override
        public Optional<CompletableFuture<Void>> beginThaw() {
            return sandbox.beginThaw();
        }

        @Override
        public SandboxUsage usage() throws InterruptedException {
            return sandbox.usage();
        }

        @Override
        public List<String> destroy() throws InterruptedException {
            List<String> left;
            try {
                left = sandbox.destroy();
            } catch (RuntimeException e) {
                tell(List.of("what could not be destroyed: " + e.getMessage()));
                throw e;
            }
            tell(left);
            return left;
        }

        private void tell(List<String> left) {
            if (!left.isEmpty() && told.compareAndSet(false, true)) {
                log.atError()
                        .addKeyValue("sandbox", id())
                        .addKeyValue("left", left)
                        .log("In quarantine: something of a sandbox does not go");
                listener.left(name(), id(), left);
            }
        }
    }
}
