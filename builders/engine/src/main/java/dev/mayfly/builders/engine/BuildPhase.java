package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.builders.engine.detect.BuildPlan;
import dev.mayfly.builders.engine.detect.Buildpack;
import dev.mayfly.builders.engine.detect.Generic;
import dev.mayfly.builders.engine.detect.PlanResolver;
import dev.mayfly.builders.engine.layers.BuildLimits;
import dev.mayfly.builders.engine.layers.BuiltLayer;
import dev.mayfly.builders.engine.layers.LaunchFile;
import dev.mayfly.builders.engine.layers.LayerEnv;
import dev.mayfly.builders.engine.layers.TomlWriter;
import dev.mayfly.builders.image.ForeignTree;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.RunOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Runs the chosen buildpacks one after the other, each in a sandbox of its own with what the earlier ones made. */
final class BuildPhase {
    static final String NAME = "build";

    /** What all buildpacks together have made. */
    record Made(List<BuiltLayer> layers, Map<String, LaunchFile.Start> processes, Map<String, String> labels) {
        /** @throws IllegalArgumentException if it is more than the server holds of a build */
        void limit() {
            long characters = 0;
            for (BuiltLayer each : layers) {
                characters += each.kept().length();
            }
            for (LaunchFile.Start each : processes.values()) {
                characters += each.workingDir().length();
                characters += each.argv().stream().mapToLong(String::length).sum();
            }
            for (Map.Entry<String, String> each : labels.entrySet()) {
                characters += each.getKey().length() + each.getValue().length();
            }
            if (characters > BuildLimits.HELD_CHARACTERS_MAX) {
                throw new IllegalArgumentException("metadata of layers, processes and labels: " + characters
                        + " characters with those of earlier buildpacks (expected: at most "
                        + BuildLimits.HELD_CHARACTERS_MAX + ")");
            }
        }
    }

    /** A shim and the buildpack whose it is. */
    record Shimmed(Buildpack buildpack, ShimLayers.Shim shim) {
        Optional<Generic> generic() {
            return buildpack.generic();
        }
    }

    private final EngineConfig config;
    private final EngineParts parts;

    BuildPhase(EngineConfig config, EngineParts parts) {
        this.config = config;
        this.parts = parts;
    }

    /** @param shim of one of the chosen */
    Made run(Job job, List<PlanResolver.Chosen> chosen, List<Toolchain> toolchains, Optional<Shimmed> shim)
            throws BuildFailure, IOException, InterruptedException {
        job.output().phase(NAME);
        Made made = new Made(new ArrayList<>(), new TreeMap<>(), new TreeMap<>());
        Map<String, String> env = new TreeMap<>(job.environment(parts));
        for (Toolchain each : toolchains) {
            env.put("MAYFLY_TOOLCHAIN_" + each.name().toUpperCase(Locale.ROOT), each.insidePath());
            env.put("PATH", each.insidePath() + "/bin:" + env.get("PATH"));
            env.putAll(each.env());
        }
        for (PlanResolver.Chosen each : chosen) {
            Map<String, String> own = new TreeMap<>(env);
            shim.filter(its -> its.buildpack().equals(each.buildpack()))
                    .ifPresent(its -> own.put(
                            "MAYFLY_SHIM_FILES",
                            String.join(" ", new TreeSet<>(its.shim().files()))));
            build(job, each, toolchains, own);
            collect(job, each.buildpack(), env, made);
        }
        return made;
    }

    private void build(Job job, PlanResolver.Chosen chosen, List<Toolchain> toolchains, Map<String, String> env)
            throws BuildFailure, IOException, InterruptedException {
        Buildpack buildpack = chosen.buildpack();
        Path plan = job.folder().platform().resolve(buildpack.escapedId() + ".plan.toml");
        Files.writeString(plan, planText(chosen.entries()));
        String inside = "/layers/" + buildpack.escapedId();
        String directory = "/cnb/buildpacks/" + buildpack.directory().getFileName();
        String insidePlan = BuildFolder.PLATFORM + "/" + plan.getFileName();
        Map<String, String> own = new TreeMap<>(env);
        if (!buildpack.clearEnv()) {
            own.putAll(job.request().config());
            // What the platform says is not the app's to change.
            job.environment(parts).forEach((name, value) -> {
                if (name.startsWith("CNB_") || name.startsWith("MAYFLY_")) {
                    own.put(name, value);
                }
            });
            for (String name : List.of("PATH", "MAYFLY_SHIM_FILES")) {
                if (env.containsKey(name)) {
                    own.put(name, Objects.requireNonNull(env.get(name)));
                }
            }
        }
        own.put("CNB_BUILDPACK_DIR", directory);
        own.put("CNB_LAYERS_DIR", inside);
        own.put("CNB_BP_PLAN_PATH", insidePlan);
        List<Path> roots = new ArrayList<>();
        toolchains.forEach(each -> roots.add(each.root()));
        roots.add(parts.base().build());
        RunOutcome outcome = parts.sandbox()
                .run(
                        new BuildSandbox.Command(
                                job.sandboxId(buildpack.escapedId().replaceAll("[^a-z0-9_]", "_")),
                                job.request().app().tenant().value(),
                                roots,
                                job.folder()
                                        .mounts(
                                                Objects.requireNonNull(
                                                        buildpack.directory().getParent()),
                                                false),
                                List.of(directory + "/bin/build", inside, BuildFolder.PLATFORM, insidePlan),
                                own,
                                "/workspace",
                                true,
                                config.memoryMib(),
                                config.timeout()),
                        job.output()::line);
        BuildFailure.require(outcome, NAME, buildpack.name());
    }

    /** Nothing of the build runs any more: only now is what it left behind read. */
    private static void collect(Job job, Buildpack buildpack, Map<String, String> env, Made made)
            throws BuildFailure, IOException {
        Path root = job.folder().layers();
        try (ForeignTree tree = ForeignTree.open(root)) {
            if (!tree.isDirectory(buildpack.escapedId())) {
                throw new BuildFailure(
                        ErrorCode.BUILD_FAILED, NAME, buildpack.name() + " removed its directory of layers.");
            }
            for (BuiltLayer layer : BuiltLayer.of(buildpack.escapedId(), tree, root)) {
                if (layer.name().equals(ShimLayers.NAME)
                        && buildpack.shimProgram().isPresent()) {
                    throw new IllegalArgumentException(
                            "layer '" + ShimLayers.NAME + "' (expected: none of that name, it is Mayfly's to make)");
                }
                if (layer.launch() && tree.isDirectory(buildpack.escapedId() + "/" + layer.name() + "/exec.d")) {
                    throw new BuildFailure(
                            ErrorCode.UNSUPPORTED,
                            NAME,
                            buildpack.id() + ": layer " + layer.name()
                                    + " has exec.d programs, which Mayfly does not run.");
                }
                made.layers.add(layer);
                if (layer.build()) {
                    LayerEnv.addForBuild(tree, layer, env);
                }
            }
            Optional<String> launch = tree.text(buildpack.escapedId() + "/launch.toml", BuildLimits.TOML_BYTES_MAX);
            if (launch.isPresent()) {
                LaunchFile file = LaunchFile.parse(job.folder().inside(launch.get()));
                made.processes.putAll(file.processes());
                made.labels.putAll(file.labels());
            }
            made.limit();
        } catch (IllegalArgumentException e) {
            throw new BuildFailure(ErrorCode.BUILD_FAILED, NAME, buildpack.id() + ": " + e.getMessage());
        }
    }

    /** The buildpack's directory of layers, with what was kept from earlier builds. */
    void restore(Job job, List<PlanResolver.Chosen> chosen, Caches caches) throws IOException {
        job.output().phase("restore");
        for (PlanResolver.Chosen each : chosen) {
            Path layers = Files.createDirectories(
                    job.folder().layers().resolve(each.buildpack().escapedId()));
            if (!job.request().noCache()) {
                for (Path restored : caches.restore(job.request().app(), each.buildpack(), layers)) {
                    Trees.ownOne(restored, parts.sandbox().uid());
                }
            }
        }
        // What was restored belongs to the builder already; walking it would cost as much as it has files.
        for (Path each : List.of(
                job.folder().layers(),
                job.folder().layers().resolve(".home"),
                job.folder().layers().resolve(".tmp"))) {
            Trees.ownOne(each, parts.sandbox().uid());
        }
        for (PlanResolver.Chosen each : chosen) {
            Path layers = job.folder().layers().resolve(each.buildpack().escapedId());
            Trees.ownOne(layers, parts.sandbox().uid());
        }
    }

    private static String planText(List<BuildPlan.Require> entries) {
        StringBuilder text = new StringBuilder();
        for (BuildPlan.Require entry : entries) {
            text.append("[[entries]]\nname = ")
                    .append(TomlWriter.quote(entry.name()))
                    .append("\n[entries.metadata]\n");
            new TreeMap<>(entry.metadata())
                    .forEach((key, value) -> text.append(TomlWriter.quote(key))
                            .append(" = ")
                            .append(TomlWriter.quote(value))
                            .append('\n'));
        }
        return text.toString();
    }
}
