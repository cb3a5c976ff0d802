package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.contract.Can;
import dev.mayfly.sandbox.contract.SandboxRuntimeContract;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** The suite on our own launcher: it denies at least what runc with our profile denies. */
final class NativeIT extends SandboxRuntimeContract {
    private @Nullable Networks networks;

    NativeIT() {
        // Its sweep leaves alone what this process has made; NativeRuntimeIT shows what it does to a predecessor's.
        super(EnumSet.complementOf(EnumSet.of(Can.SWEEP)));
    }

    @Override
    protected SandboxRuntime open(Path run, String tag) throws Exception {
        Files.createDirectories(run);
        networks = new Networks(NetworkConfig.DEFAULTS, run.resolve("netns"), tag);
        return new NativeRuntime(run.resolve("native"), tag, networks, true, Duration.ZERO);
    }

    @Override
    protected void closeOthers() {
        if (networks != null) {
            networks.close();
        }
    }
}
