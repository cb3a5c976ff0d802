package dev.mayfly.sandbox.contract;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.docker.DockerRuntime;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The suite on a Docker Engine of Debian 13, started by hand. */
final class DockerIT extends SandboxRuntimeContract {
    private @Nullable DockerDaemon daemon;
    private @Nullable Networks networks;

    DockerIT() {
        super(EnumSet.allOf(Can.class));
    }

    @Override
    SandboxRuntime open(Path run, String tag) throws Exception {
        Files.createDirectories(run);
        daemon = DockerDaemon.start(Files.createTempDirectory("mfd"));
        networks = new Networks(NetworkConfig.DEFAULTS, run.resolve("netns"), tag);
        return DockerRuntime.open(daemon.socket(), run, tag, networks);
    }

    @Override
    void closeOthers() throws Exception {
        if (networks != null) {
            networks.close();
        }
        if (daemon != null) {
            daemon.stop();
            dev.mayfly.sandbox.Commands.run(
                    "rm", "-rf", "--one-file-system", daemon.folder().toString());
        }
    }

    /** The host's name, which Docker adds to every environment. */
    @Override
    public Map<String, String> addedVariables() {
        return Map.of("HOSTNAME", "mayfly");
    }
}
