package dev.mayfly.server;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.RunOutcome;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs commands of builds in sandboxes of the pool's runtime. */
final class SandboxBuilds implements BuildSandbox {
    /** Before the tenant's name: what a build has used is never used again for an instance, nor for another's build. */
    private static final String TENANT = "build/";

    private static final Logger log = LoggerFactory.getLogger(SandboxBuilds.class);
    private static final int UID = 20_000;
    private static final int PIDS = 2_048;
    private static final int TMP_MIB = 256;

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

    /**
     * Returns only when nothing of the command runs any more: what it left behind is read and deleted next, and nothing must change
     * it meanwhile.
     */
    @Override
    public RunOutcome run(Command command, Consumer<String> output) throws InterruptedException {
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
            SandboxExit exit = sandbox.exit().get(command.timeout().toMillis(), TimeUnit.MILLISECONDS);
            if (exit.cause() == SandboxExit.Cause.OOM_KILLED) {
                output.accept(" !     Out of memory: the build may use " + command.memoryMib() + " MiB");
            }
            return outcome(exit);
        } catch (TimeoutException e) {
            log.atDebug().addKeyValue("sandbox", command.id()).log("A command of a build took too long");
            return new RunOutcome.TimedOut(command.timeout());
        } catch (ExecutionException e) {
            throw new IllegalStateException("an exit never fails", e);
        } finally {
            destroy(sandbox);
        }
    }

    /** What the machine killed something of and ended well all the same (a compiler that is tried again, say) ended well. */
    private static RunOutcome outcome(SandboxExit exit) {
        if (exit.code() == 0) {
            return new RunOutcome.Exited(0);
        }
        return switch (exit.cause()) {
            case ENDED, PIDS_LIMIT -> new RunOutcome.Exited(exit.code());
            case OOM_KILLED -> new RunOutcome.Killed(RunOutcome.Cause.OUT_OF_MEMORY);
            case RUNTIME_LOST -> new RunOutcome.Killed(RunOutcome.Cause.RUNTIME_LOST);
        };
    }

    /** Also after an interrupt: nothing of a cancelled build stays. */
    private static void destroy(Sandbox sandbox) {
        boolean interrupted = Thread.interrupted();
        List<String> left = List.of("its sandbox");
        try {
            left = sandbox.destroy();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!left.isEmpty()) {
            throw new MayflyException(
                    ErrorCode.INTERNAL,
                    "Something of the build may still run, so what it made is not looked at: "
                            + String.join(", ", left));
        }
    }
}
