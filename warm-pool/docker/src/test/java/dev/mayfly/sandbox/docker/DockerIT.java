package dev.mayfly.sandbox.docker;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.contract.Can;
import dev.mayfly.sandbox.contract.MachineState;
import dev.mayfly.sandbox.contract.SandboxRuntimeContract;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The suite on a Docker Engine of Debian 13, started by hand. */
final class DockerIT extends SandboxRuntimeContract {
    private @Nullable DockerDaemon daemon;
    private @Nullable Networks networks;
    private @Nullable Path run;

    DockerIT() {
        super(EnumSet.complementOf(EnumSet.of(Can.ROOT))); // Its engine has a copy of the image.
    }

    @Override
    protected SandboxRuntime open(Path folder, String tag) throws Exception {
        run = Files.createDirectories(folder);
        daemon = DockerDaemon.start(Files.createTempDirectory("mfd"));
        networks = new Networks(NetworkConfig.DEFAULTS, run.resolve("netns"), tag);
        return DockerRuntime.open(daemon.socket(), run, tag, networks);
    }

    /** Not closed: it would take the images along, and of its own there is nothing once it is swept. */
    @Override
    public SandboxRuntime another() throws Exception {
        return DockerRuntime.open(
                Objects.requireNonNull(daemon).socket(),
                Objects.requireNonNull(run),
                MachineState.TAG,
                Objects.requireNonNull(networks));
    }

    @Override
    protected void closeOthers() throws Exception {
        if (networks != null) {
            networks.close();
        }
        if (daemon != null) {
            daemon.stop();
            dev.mayfly.sandbox.HostCommands.run(
                    "rm", "-rf", "--one-file-system", daemon.folder().toString());
        }
    }

    /** The host's name, which Docker adds to every environment. */
    @Override
    public Map<String, String> addedVariables() {
        return Map.of("HOSTNAME", "mayfly");
    }
}
