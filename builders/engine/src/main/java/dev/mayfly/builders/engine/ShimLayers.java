package dev.mayfly.builders.engine;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.builders.engine.detect.Buildpack;
import dev.mayfly.builders.image.ForeignTree;
import dev.mayfly.builders.image.Layer;
import dev.mayfly.builders.image.LayerStore;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.builders.toolchains.Toolchain;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.RunOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The shims of functions as layers of images. A shim runs in generic instances, before any tenant is known, so no build has a
 * hand in it: the buildpack's {@code bin/shim} runs in a sandbox that has no network and nothing of a tenant's, once for each
 * toolchain and version of the buildpack.
 */
final class ShimLayers {
    /** What a layer of the shim is called; no build may make one of this name beside it. */
    static final String NAME = "shim";

    private static final int FILES_MAX = 100;

    /** No tenant can have this name. */
    private static final String NOBODY = "-";

    /**
     * @param inside where it lies in images, without a slash at either end
     * @param files names of the files at its top
     */
    record Shim(Layer layer, String inside, Set<String> files) {
        Shim {
            files = Set.copyOf(files);
        }
    }

    private final EngineConfig config;
    private final EngineParts parts;
    private final Map<String, Shim> made = new HashMap<>();
    private final ReentrantLock making = new ReentrantLock();

    ShimLayers(EngineConfig config, EngineParts parts) {
        this.config = config;
        this.parts = parts;
    }

    /** @param toolchains those of the image; the shim is made with that which its runtime starts with */
    Shim of(Job job, Buildpack buildpack, List<Toolchain> toolchains) throws IOException, InterruptedException {
        List<Toolchain> used = toolchains.stream()
                .filter(each -> buildpack.generic().isEmpty()
                        || each.name().equals(buildpack.generic().get().toolchain()))
                .toList();
        StringBuilder key = new StringBuilder(LayerStore.digest(buildpack.directory()));
        key.append(' ')
                .append(buildpack.id())
                .append(' ')
                .append(parts.base().run().digest());
        used.forEach(each -> key.append(' ').append(each.name()).append('-').append(each.version()));
        making.lockInterruptibly();
        try {
            Shim known = made.get(key.toString());
            if (known == null || !parts.images().layerStore().keep(known.layer().digest())) {
                known = make(job, buildpack, used);
                made.put(key.toString(), known);
            }
            return known;
        } finally {
            making.unlock();
        }
    }

    private Shim make(Job job, Buildpack buildpack, List<Toolchain> toolchains)
            throws IOException, InterruptedException {
        Path work = parts.builds().resolve("shim");
        Trees.delete(work);
        try {
            String inside = "layers/" + buildpack.escapedId() + "/" + NAME;
            Path layers = work.resolve("layers");
            Files.createDirectories(layers.resolve(buildpack.escapedId()));
            Trees.own(layers, parts.sandbox().uid());
            RunOutcome outcome = parts.sandbox()
                    .run(command(job, buildpack, toolchains, layers, "/" + inside), job.output()::detail);
            if (!outcome.succeeded()) {
                throw new MayflyException(
                        ErrorCode.INTERNAL,
                        "The shim of " + buildpack.id() + " was not made: bin/shim " + outcome.describe() + ".");
            }
            Path content = work.resolve(inside);
            Set<String> files;
            try (ForeignTree tree = ForeignTree.open(layers)) {
                files = new TreeSet<>(tree.names(buildpack.escapedId() + "/" + NAME, FILES_MAX));
            }
            return new Shim(parts.images().layerStore().take(content, inside, false, config.layers()), inside, files);
        } finally {
            Trees.delete(work);
        }
    }

    private BuildSandbox.Command command(
            Job job, Buildpack buildpack, List<Toolchain> toolchains, Path layers, String inside) {
        String directory = "/cnb/buildpacks/" + buildpack.directory().getFileName();
        Map<String, String> env = new TreeMap<>(job.launchEnvironment());
        List<Path> roots = new ArrayList<>();
        for (Toolchain each : toolchains) {
            env.put("PATH", each.insidePath() + "/bin:" + env.get("PATH"));
            env.putAll(each.env());
            roots.add(each.root());
        }
        roots.add(parts.base().build());
        env.put("CNB_BUILDPACK_DIR", directory);
        return new BuildSandbox.Command(
                job.sandboxId(NAME),
                NOBODY,
                roots,
                List.of(
                        new BuildSandbox.Mount(layers, "/layers", false),
                        new BuildSandbox.Mount(
                                Objects.requireNonNull(buildpack.directory().getParent()), "/cnb/buildpacks", true)),
                List.of(directory + "/bin/shim", inside),
                env,
                "/",
                false,
                config.memoryMib(),
                config.timeout());
    }
}
