package dev.mayfly.sandbox.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The proof that a launcher which has ended took its cgroups along. It removes them itself; one that was killed on its way
 * did not, and nobody else would.
 */
final class CgroupFolders {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private CgroupFolders() {}

    /** Removes what is left of this name, in whichever hierarchy, and returns what the kernel still holds on to. */
    static List<Path> remove(String name) {
        List<Path> left = new ArrayList<>();
        for (Path parent : parents(name)) {
            try (Stream<Path> all = Files.find(parent, 2, (_, attributes) -> attributes.isDirectory())) {
                for (Path folder : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(folder);
                }
            } catch (IOException e) {
                left.add(parent);
            }
        }
        return left;
    }

    private static List<Path> parents(String name) {
        try (Stream<Path> hierarchies = Files.list(ROOT)) {
            return Stream.concat(Stream.of(ROOT), hierarchies.filter(path -> !Files.isSymbolicLink(path)))
                    .map(path -> path.resolve(name))
                    .filter(Files::isDirectory)
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
