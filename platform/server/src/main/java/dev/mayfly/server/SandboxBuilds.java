package dev.mayfly.server;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Runs commands of builds in sandboxes of the pool's runtime. */
final class SandboxBuilds implements BuildSandbox {
    /** Before the tenant's name: what a build has used is never used again for an instance, nor for another's build. */
    private static final String TENANT = "build/";

    private static final int UID = 20_000;
    private static final int PIDS = 2_048;
    private static final int TMP_MIB = 256;
    private static final int TIMED_OUT = 124;

    private final SandboxRuntime runtime;
    private final double cpus;

    SandboxBuilds(SandboxRuntime runtime) {
        this.runtime = runtime;
        this.cpus = Math.max(1, Runtime.getRuntime().availableProcessors());
    }

    @Override
    public int uid() {
        return UID;
    }

    @Override
    public int run(Command command, Consumer<String> output) throws InterruptedException {
        Sandbox sandbox = runtime.start(new SandboxSpec(
                command.id(),
                TENANT + command.tenant(),
                command.rootLayers(),
                command.argv(),
                command.env(),
                command.workingDir(),
                UID,
                new SandboxSpec.SandboxLimits(command.memoryMib(), cpus, PIDS, TMP_MIB),
                command.mounts().stream()
                        .map(mount ->
                                new SandboxSpec.Mount(mount.host().toAbsolutePath(), mount.inside(), mount.readOnly()))
                        .toList(),
                command.network() ? EgressPolicy.OPEN : EgressPolicy.NONE,
                (_, line) -> output.accept(line)));
        try {
            var exit = sandbox.exit().get(command.timeout().toMillis(), TimeUnit.MILLISECONDS);
            if (exit.cause() == SandboxExit.Cause.OOM_KILLED) {
                output.accept(" !     Out of memory: the build may use " + command.memoryMib() + " MiB");
            }
            return exit.code();
        } catch (TimeoutException e) {
            return TIMED_OUT;
        } catch (ExecutionException e) {
            throw new IllegalStateException("an exit never fails", e);
        } finally {
            destroy(sandbox);
        }
    }

    /** Also after an interrupt: nothing of a cancelled build stays. */
    private static void destroy(Sandbox sandbox) {
        boolean interrupted = Thread.interrupted();
        try {
            sandbox.destroy();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
