package dev.mayfly.sandbox.docker;

import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.sandbox.Prerequisites;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.RuntimeProvider;
import dev.mayfly.sandbox.RuntimeSite;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.Strength;
import dev.mayfly.sandbox.VersionFloor;
import dev.mayfly.sandbox.network.SharedNetworks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The runtime class {@code docker}.
 *
 * @param dockerSocket {@code sandbox.docker-socket}: of a Docker Engine on this machine
 */
public record DockerProvider(Path dockerSocket, SharedNetworks networks) implements RuntimeProvider {
    public static DockerProvider from(ConfigReader config, SharedNetworks networks) {
        return new DockerProvider(config.path("sandbox.docker-socket", Path.of("/var/run/docker.sock")), networks);
    }

    @Override
    public String name() {
        return DockerRuntime.NAME;
    }

    @Override
    public Strength strength() {
        return Strength.SHARED_KERNEL;
    }

    @Override
    public RuntimeFinding probe() {
        Optional<String> version = Files.exists(dockerSocket) ? DockerRuntime.version(dockerSocket) : Optional.empty();
        Optional<String> missing = version.isEmpty()
                ? Optional.of("no Docker Engine answers at " + dockerSocket + " (apt-get install docker.io)")
                : Prerequisites.missing();
        return new RuntimeFinding(
                name(),
                strength(),
                version,
                missing,
                version.flatMap(found -> VersionFloor.tooOld(found, 29, 4, 3)),
                Optional.empty(),
                "about 500 ms a start, a copy of each image in its store; no functions");
    }

    @Override
    public SandboxRuntime open(RuntimeSite site) {
        return DockerRuntime.open(dockerSocket, site.folder(), site.tag(), networks.get());
    }
}
