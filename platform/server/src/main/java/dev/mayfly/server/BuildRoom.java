package dev.mayfly.server;

import dev.mayfly.builders.buildpacks.BuiltIn;
import dev.mayfly.builders.engine.Engine;
import dev.mayfly.builders.engine.EngineParts;
import dev.mayfly.builders.engine.base.Base;
import dev.mayfly.builders.engine.base.BaseConfig;
import dev.mayfly.builders.engine.base.BaseImages;
import dev.mayfly.builders.engine.base.HostMirror;
import dev.mayfly.builders.engine.detect.Order;
import dev.mayfly.builders.engine.network.NetworkFiles;
import dev.mayfly.builders.engine.network.OperatorNetwork;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.builders.toolchains.host.DebianPackages;
import dev.mayfly.builders.toolchains.host.Downloads;
import dev.mayfly.builders.toolchains.host.HostToolchains;
import dev.mayfly.builders.toolchains.host.Proxies;
import dev.mayfly.runtime.disk.DiskSpace;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.SandboxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Puts together what builds need. */
final class BuildRoom {
    private BuildRoom() {}

    /**
     * @param space on the disk of the data folder
     * @param run folder that is this run's alone
     */
    static Engine open(
            Settings settings,
            ImageStore images,
            RuntimeClasses runtimes,
            DiskSpace space,
            Path run,
            Consumer<String> progress)
            throws IOException, InterruptedException {
        SandboxRuntime runtime = runtimes.of(Optional.empty());
        boolean container = runtime.isolates();
        Path buildpacks = run.resolve("buildpacks");
        Trees.delete(buildpacks);
        BuiltIn.writeTo(buildpacks);
        Path networkFiles = run.resolve("network");
        OperatorNetwork network = settings.operator();
        NetworkFiles.write(network, networkFiles);
        // What this machine's own package clients are told is what builds are told.
        Map<String, String> clients =
                network.environment(networkFiles.toAbsolutePath().toString());
        Base base = container
                ? new BaseImages(settings.base(), clients).prepare(images.layerStore(), progress)
                : BaseImages.none(settings.base().folder(), images.layerStore());
        // Builds run as another user than this server.
        Trees.share(buildpacks);
        Path trustStore = networkFiles.resolve(NetworkFiles.TRUST_STORE);
        Downloads downloads = Downloads.of(
                new Proxies(network.httpProxy(), network.httpsProxy(), network.noProxy()),
                Optional.of(trustStore).filter(Files::exists),
                network.goMirror(),
                network.goSums(),
                network.mavenMirror());
        return new Engine(
                settings.engine(),
                new EngineParts(
                        new SandboxBuilds(runtime),
                        container
                                ? HostToolchains.open(
                                        settings.toolchains(), downloads, debian(settings.base(), clients), clients)
                                : HostToolchains.ofMachine(
                                        settings.toolchains().resolve("machine"), downloads, clients),
                        images,
                        base,
                        Order.read(buildpacks),
                        network,
                        networkFiles,
                        space,
                        settings.data().resolve("builds"),
                        settings.data().resolve("cache"),
                        runtimes.offered()));
    }

    private static DebianPackages debian(BaseConfig base, Map<String, String> clients) {
        return new DebianPackages(base.mirror().or(HostMirror::find), base.staleSuites(), clients);
    }
}
