package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.contract.EgressContract;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Path;
import java.time.Duration;

/** What sandboxes of class {@code native} reach. */
final class NativeEgressIT extends EgressContract {
    @Override
    protected SandboxRuntime runtime(Path run, String own, Networks shared) throws InterruptedException {
        return new NativeRuntime(run, own, shared, true, Duration.ZERO);
    }
}
