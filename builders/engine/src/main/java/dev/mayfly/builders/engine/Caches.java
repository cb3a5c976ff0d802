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
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * What builds of an app keep for the next one: the layers of type cache. They are moved into a build and back, never copied,
 * so they cost nothing however large they are. A build that fails gives nothing back: a half-written cache would be worse
 * than none.
 */
final class Caches {
    /** Before the name of what is on its way to be deleted; no name of a tenant or app begins so. */
    private static final String GOING = ".going-";

    /** More than {@link #keep} ever puts into one. */
    private static final int ENTRIES_MAX = 10_000;

    private final Path folder;

    Caches(Path folder) {
        this.folder = folder;
    }

    /** Moves the buildpack's cached layers into its directory of layers. Returns what is there now. */
    synchronized List<Path> restore(AppRef app, Buildpack buildpack, Path layers) throws IOException {
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
        put(app, layers);
    }

    private synchronized void put(AppRef app, List<BuiltLayer> layers) throws IOException {
        for (BuiltLayer layer : layers) {
            Path to = of(app).resolve(layer.buildpack());
            Files.createDirectories(to);
            Files.move(layer.content(), to.resolve(layer.name()));
            Files.writeString(to.resolve(layer.name() + ".toml"), layer.kept());
        }
    }

    void forget(AppRef app) throws IOException {
        delete(of(app));
    }

    /**
     * Deletes caches, those of apps that were not built for the longest time first.
     *
     * @param limit those last built before it go
     * @param more whether one more is to go although it is younger; asked after each
     */
    int deleteOlder(Instant limit, BooleanSupplier more) throws IOException {
        int deleted = 0;
        for (Path each : oldestFirst()) {
            if (!builtAt(each).isBefore(limit) && !more.getAsBoolean()) {
                break;
            }
            delete(each);
            deleted++;
        }
        return deleted;
    }

    private List<Path> oldestFirst() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path tenant : directories(folder)) {
            if (tenant.getFileName().toString().startsWith(GOING)) {
                Trees.delete(tenant); // Of a server that ended meanwhile.
            } else {
                found.addAll(directories(tenant));
            }
        }
        found.sort(Comparator.comparing(Caches::builtAt));
        return found;
    }

    private static List<Path> directories(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }

    /** A build moves what is in the directory out and back in. */
    private static Instant builtAt(Path cache) {
        try {
            return Files.getLastModifiedTime(cache, LinkOption.NOFOLLOW_LINKS).toInstant();
        } catch (IOException e) {
            return Instant.MAX; // It was deleted meanwhile.
        }
    }

    /** In one step for who builds meanwhile: the cache is there, or it is not. */
    private void delete(Path cache) throws IOException {
        Path going = folder.resolve(GOING + UUID.randomUUID());
        synchronized (this) {
            if (!Files.isDirectory(cache, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            Files.move(cache, going, StandardCopyOption.ATOMIC_MOVE);
        }
        Trees.delete(going);
    }

    private Path of(AppRef app) {
        return folder.resolve(app.tenant().value()).resolve(app.app().value());
    }
}
