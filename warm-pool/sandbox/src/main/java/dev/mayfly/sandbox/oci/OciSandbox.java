package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.LinePump;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.network.Network;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One sandbox of an OCI runtime: the runtime's own process stays with it and ends with its exit code. */
final class OciSandbox implements Sandbox {
    private static final int KILLED = 128 + 9;

    private final OciRuntime runtime;
    private final SandboxSpec spec;
    private final Process process;
    private final Network network;
    private final CompletableFuture<SandboxExit> exit = new CompletableFuture<>();
    private volatile boolean killed;
    private boolean destroyed;

    OciSandbox(OciRuntime runtime, SandboxSpec spec, Process process, Network network) {
        this.runtime = runtime;
        this.spec = spec;
        this.process = process;
        this.network = network;
        var out = LinePump.start(process.getInputStream(), line -> spec.output().accept(false, line));
        var err = LinePump.start(process.getErrorStream(), line -> spec.output().accept(true, line));
        // The exit is told before the pipes are dry only if somebody else holds them open.
        process.onExit().thenAccept(ended -> {
            // The runtime takes the cgroup and its counters along. But nobody else than the kernel's out-of-memory
            // killer
            // can kill the first process: not the sandbox itself, and we say so before we do.
            boolean outOfMemory = ended.exitValue() == KILLED && !killed;
            CompletableFuture.allOf(out, err)
                    .orTimeout(1, java.util.concurrent.TimeUnit.SECONDS)
                    .handle((_, _) -> exit.complete(new SandboxExit(
                            ended.exitValue(), outOfMemory ? SandboxExit.Cause.OOM_KILLED : SandboxExit.Cause.ENDED)));
        });
    }

    @Override
    public String id() {
        return spec.id();
    }

    @Override
    public Optional<String> address() {
        return Optional.of(network.address());
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
            return List.of();
        }
        destroyed = true;
        killed = true;
        runtime.signal(spec.id(), "KILL");
        if (!process.waitFor(5, java.util.concurrent.TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        return runtime.destroy(spec, network);
    }
}
