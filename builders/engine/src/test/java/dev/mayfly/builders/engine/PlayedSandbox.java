package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.builders.engine.base.Base;
import dev.mayfly.builders.engine.detect.Order;
import dev.mayfly.builders.engine.network.OperatorNetwork;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.builders.image.LayerAllowance;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.builders.toolchains.Toolchains;
import dev.mayfly.model.RunOutcome;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.disk.DiskConfig;
import dev.mayfly.runtime.disk.DiskSpace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Leaves what one buildpack, named "Played", would leave, and ends as it is told. */
final class PlayedSandbox implements BuildSandbox {
    private static final String PACK = "played";

    private RunOutcome detecting = new RunOutcome.Exited(0);
    private RunOutcome building = new RunOutcome.Exited(0);

    void detecting(RunOutcome next) {
        detecting = next;
    }

    void building(RunOutcome next) {
        building = next;
    }

    /** An engine that has this one buildpack and no toolchain. */
    static Engine engine(Path temp, BuildSandbox sandbox) throws IOException {
        Path packs = temp.resolve("packs");
        Path bin = Files.createDirectories(packs.resolve(PACK).resolve("bin"));
        Files.writeString(
                packs.resolve(PACK).resolve("buildpack.toml"),
                "api = \"0.11\"\n[buildpack]\nid = \"played\"\nversion = \"1\"\nname = \"Played\"\n");
        for (String program : List.of("detect", "build")) {
            Files.setPosixFilePermissions(
                    Files.writeString(bin.resolve(program), "#!/bin/false\n"),
                    PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.writeString(packs.resolve("order.toml"), "[[order]]\ngroup = [{ id = \"played\" }]\n");
        ImageStore images = new ImageStore(temp.resolve("images"));
        Path base = Files.createDirectories(temp.resolve("base/usr"));
        return new Engine(
                EngineConfig.DEFAULTS,
                new EngineParts(
                        sandbox,
                        new NoToolchains(),
                        images,
                        new Base(images.layerStore().take(base, "usr", true, new LayerAllowance(1 << 20, 10)), base),
                        Order.read(packs),
                        OperatorNetwork.from(ConfigReader.of(Map.of()), Map.of(), temp),
                        Files.createDirectories(temp.resolve("network")),
                        new DiskSpace(temp, new DiskConfig(0)),
                        temp.resolve("builds"),
                        temp.resolve("cache"),
                        List.of("native")));
    }

    @Override
    public int uid() {
        return 20_000;
    }

    @Override
    public RunOutcome run(Command command, Consumer<String> output) {
        Path layers = command.mounts().stream()
                .filter(mount -> mount.inside().equals("/layers"))
                .findFirst()
                .orElseThrow()
                .host()
                .resolve(PACK);
        try {
            Files.createDirectories(layers);
            if (command.argv().contains("/bin/bash")) {
                Files.writeString(layers.resolve("code"), "0\n");
                return detecting;
            }
            Files.writeString(
                    layers.resolve("launch.toml"),
                    "[[processes]]\ntype = \"web\"\ncommand = [\"run\"]\ndefault = true\n");
            return building;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class NoToolchains implements Toolchains {
        @Override
        public Set<String> names() {
            return Set.of();
        }

        @Override
        public Toolchain resolve(String name, Optional<String> range, Consumer<String> progress) {
            throw new IllegalArgumentException(name);
        }
    }
}
