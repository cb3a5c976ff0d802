package dev.mayfly.builders.engine;

import dev.mayfly.builders.engine.detect.Buildpack;
import dev.mayfly.builders.engine.layers.BuiltLayer;
import dev.mayfly.builders.image.ForeignTree;
import dev.mayfly.builders.image.Trees;
import dev.mayfly.model.AppRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What builds of an app keep for the next one: the layers of type cache. They are moved into a build and back, never copied,
 * so they cost nothing however large they are. A build that fails gives nothing back: a half-written cache would be worse
 * than none.
 */
record Caches(Path folder) {
    /** More than {@link #keep} ever puts into one. */
    private static final int ENTRIES_MAX = 10_000;

    /** Moves the buildpack's cached layers into its directory of layers. Returns what is there now. */
    List<Path> restore(AppRef app, Buildpack buildpack, Path layers) throws IOException {
        Path from = of(app).resolve(buildpack.escapedId());
        if (!Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        List<Path> restored = new ArrayList<>();
        try (ForeignTree tree = ForeignTree.open(from)) {
            for (String each : tree.names(".", ENTRIES_MAX)) {
                restored.add(Files.move(from.resolve(each), layers.resolve(each)));
            }
        }
        return restored;
    }

    /** Keeps these layers, whose directories are gone from the build afterwards, and nothing else. */
    void keep(AppRef app, List<BuiltLayer> layers) throws IOException {
        forget(app);
        for (BuiltLayer layer : layers) {
            Path to = of(app).resolve(layer.buildpack());
            Files.createDirectories(to);
            Files.move(layer.content(), to.resolve(layer.name()));
            Files.writeString(to.resolve(layer.name() + ".toml"), layer.kept());
        }
    }

    void forget(AppRef app) throws IOException {
        Trees.delete(of(app));
    }

    private Path of(AppRef app) {
        return folder.resolve(app.tenant().value()).resolve(app.app().value());
    }
}
