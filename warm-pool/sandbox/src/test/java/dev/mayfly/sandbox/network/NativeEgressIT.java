package dev.mayfly.sandbox.network;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.launcher.NativeRuntime;
import java.nio.file.Path;
import java.time.Duration;

/** The same of class {@code native}. */
class NativeEgressIT extends EgressIT {
    @Override
    SandboxRuntime runtime(Path run, String own, Networks shared) throws InterruptedException {
        return new NativeRuntime(run, own, shared, true, Duration.ZERO);
    }
}
