package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.LinePump;
import dev.mayfly.sandbox.OutputLimit;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One sandbox of an OCI runtime: the runtime's own process stays with it and ends with its exit code. */
final class OciSandbox implements Sandbox {
    private static final int KILLED = 128 + 9;
    private static final long KILL_NS_MAX = 5_000_000_000L;
    private static final long KILL_PAUSE_MS = 10;
    private static final long OOM_LOOK_MS = 500;

    private final OciRuntime runtime;
    private final SandboxSpec spec;
    private final Process process;
    private final String address;
    private final Taken taken;
    private final CompletableFuture<SandboxExit> exit = new CompletableFuture<>();
    private volatile boolean killed;
    private boolean destroyed;

    OciSandbox(OciRuntime runtime, SandboxSpec spec, Process process, String address, Taken taken) {
        this.runtime = runtime;
        this.spec = spec;
        this.process = process;
        this.address = address;
        this.taken = taken;
        OutputLimit limit = new OutputLimit();
        var out = LinePump.start(
                process.getInputStream(), limit, line -> spec.output().accept(false, line));
        var err = LinePump.start(
                process.getErrorStream(), limit, line -> spec.output().accept(true, line));
        // The exit is told before the pipes are dry only if somebody else holds them open.
        process.onExit().thenAccept(ended -> {
            SandboxExit told = new SandboxExit(ended.exitValue(), cause(ended.exitValue()));
            CompletableFuture.allOf(out, err).orTimeout(1, TimeUnit.SECONDS).handle((_, _) -> exit.complete(told));
        });
    }

    private SandboxExit.Cause cause(int code) {
        if (killed || code == 0) {
            return SandboxExit.Cause.ENDED;
        }
        SandboxExit.Cause counted = runtime.cause(spec.id());
        // Some programs take the cgroup and its counters along. But nobody else than the kernel's out-of-memory killer
        // can kill the first process: not the sandbox itself, and we say so before we do.
        return counted == SandboxExit.Cause.ENDED && code == KILLED ? SandboxExit.Cause.OOM_KILLED : counted;
    }

    /**
     * Ends it when the kernel has killed a process of it for memory: one of a kernel of its own may be waited for by the others
     * for ever. Version 2 has {@code memory.oom.group} for that.
     */
    void endWhenKilledForMemory() {
        Thread.ofVirtual().name("oom " + spec.id()).start(() -> {
            try {
                while (!process.waitFor(OOM_LOOK_MS, TimeUnit.MILLISECONDS)) {
                    if (runtime.cause(spec.id()) == SandboxExit.Cause.OOM_KILLED) {
                        runtime.kill(spec.id());
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Override
    public String id() {
        return spec.id();
    }

    @Override
    public Optional<String> address() {
        return Optional.of(address);
    }

    @Override
    public CompletableFuture<SandboxExit> exit() {
        return exit.copy();
    }

    @Override
    public void terminate() {
        try {
            runtime.signal(spec.id(), "TERM");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void freeze() throws InterruptedException {
        runtime.freeze(spec.id());
    }

    @Override
    public void thaw() throws InterruptedException {
        runtime.thaw(spec.id());
    }

    @Override
    public SandboxUsage usage() {
        return runtime.usage(spec.id());
    }

    @Override
    public synchronized List<String> destroy() throws InterruptedException {
        if (destroyed) {
            return runtime.leftovers(spec.id());
        }
        try {
            return end();
        } catch (RuntimeException | InterruptedException | Error e) {
            try {
                runtime.abandon(spec.id(), taken);
            } catch (RuntimeException | InterruptedException | Error more) {
                e.addSuppressed(more);
            }
            throw e;
        }
    }

    private List<String> end() throws InterruptedException {
        killed = true;
        for (long deadline = System.nanoTime() + KILL_NS_MAX; process.isAlive(); ) {
            runtime.kill(spec.id());
            if (process.waitFor(KILL_PAUSE_MS, TimeUnit.MILLISECONDS)) {
                break;
            }
            if (System.nanoTime() - deadline > 0) {
                process.destroyForcibly().waitFor();
            }
        }
        List<String> left = runtime.destroy(spec.id(), taken);
        destroyed = true;
        return left;
    }
}
