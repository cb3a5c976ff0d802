package dev.mayfly.control.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a server that died leaves in a repository: pushes that were not accepted, packs that were not finished. */
final class Leftovers {
    private Leftovers() {}

    /** To be called while nobody uses the repository. */
    static void remove(Path repository) throws IOException {
        Repositories.deleteTree(repository.resolve(Quarantine.FOLDER));
        Path objects = repository.resolve("objects");
        for (Path file : files(objects)) {
            Files.deleteIfExists(file); // A repository's objects lie in folders.
        }
        Path packs = objects.resolve("pack");
        List<Path> all = files(packs);
        for (Path file : all) {
            String name = file.getFileName().toString();
            boolean finished = name.matches("pack-[0-9a-f]{40}\\.\\w+");
            String base = name.replaceFirst("\\.\\w+$", "");
            boolean whole = all.contains(packs.resolve(base + ".pack")) && all.contains(packs.resolve(base + ".idx"));
            if (!finished || !whole || name.endsWith(".keep")) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(repository.resolve("gc.pid"));
        Files.deleteIfExists(repository.resolve("gc.pid.lock"));
        removeLocks(repository);
    }

    private static List<Path> files(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    /** Of refs and of the configuration: who held them is dead, and nobody else could ever take them. */
    static void removeLocks(Path repository) throws IOException {
        List<Path> locks;
        try (Stream<Path> top = Files.list(repository);
                Stream<Path> refs = Files.walk(repository.resolve("refs"))) {
            locks = Stream.concat(top, refs)
                    .filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(".lock"))
                    .toList();
        }
        for (Path lock : locks) {
            Files.deleteIfExists(lock);
        }
    }
}
