package dev.mayfly.builders.engine;

import dev.mayfly.builders.engine.detect.BuildPlan;
import dev.mayfly.builders.engine.detect.PlanResolver;
import dev.mayfly.builders.image.Layer;
import dev.mayfly.builders.image.LayerStore;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.builders.toolchains.Toolchains;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Fetches the runtimes and compilers that build plans ask for. They are shared by all builds and never copied. */
final class ToolchainPhase {
    static final String NAME = "toolchains";

    /** @param launch toolchains that the image needs too */
    record Chosen(List<Toolchain> all, List<Toolchain> launch) {}

    private record Wish(Optional<String> range, Optional<String> source, boolean launch) {}

    private ToolchainPhase() {}

    static Chosen run(Job job, List<PlanResolver.Chosen> buildpacks, Toolchains toolchains)
            throws BuildFailure, InterruptedException {
        job.output().phase(NAME);
        Map<String, Wish> wishes = new LinkedHashMap<>();
        for (PlanResolver.Chosen buildpack : buildpacks) {
            for (BuildPlan.Require entry : buildpack.entries()) {
                if (toolchains.names().contains(entry.name())) {
                    wishes.merge(entry.name(), wish(entry), ToolchainPhase::stricter);
                }
            }
        }
        List<Toolchain> all = new ArrayList<>();
        List<Toolchain> launch = new ArrayList<>();
        for (Map.Entry<String, Wish> each : wishes.entrySet()) {
            Toolchain toolchain = resolve(job, toolchains, each.getKey(), each.getValue());
            all.add(toolchain);
            if (each.getValue().launch()) {
                launch.add(toolchain);
            }
            job.output()
                    .step(toolchain.name() + " " + toolchain.version()
                            + each.getValue()
                                    .source()
                                    .map(from -> " (" + from + ")")
                                    .orElse(""));
        }
        return new Chosen(all, launch);
    }

    /** The toolchain as a layer of images. */
    static Layer layer(Toolchain toolchain, LayerStore layers) throws IOException {
        Path root = toolchain.root();
        return layers.link(root, root.resolveSibling(root.getFileName() + ".layer"));
    }

    private static Toolchain resolve(Job job, Toolchains toolchains, String name, Wish wish)
            throws BuildFailure, InterruptedException {
        try {
            return toolchains.resolve(name, wish.range(), job.output()::detail);
        } catch (MayflyException e) {
            if (e.code() != ErrorCode.BUILD_VERSION_UNAVAILABLE) {
                throw e;
            }
            String from = wish.source().map(source -> source + ": ").orElse("");
            throw new BuildFailure(e.code(), NAME, from + e.detail());
        }
    }

    private static Wish wish(BuildPlan.Require entry) {
        return new Wish(
                Optional.ofNullable(entry.metadata().get("version")).filter(range -> !range.isBlank()),
                Optional.ofNullable(entry.metadata().get("source")).filter(source -> !source.isBlank()),
                "true".equals(entry.metadata().get("launch")));
    }

    /** Two buildpacks want the same: the first that names a version decides. */
    private static Wish stricter(Wish one, Wish other) {
        Wish named = one.range().isPresent() || other.range().isEmpty() ? one : other;
        return new Wish(named.range(), named.source(), one.launch() || other.launch());
    }
}
