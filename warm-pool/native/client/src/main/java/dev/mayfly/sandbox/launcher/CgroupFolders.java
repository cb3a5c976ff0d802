package dev.mayfly.sandbox.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * The proof that a launcher which has ended took its cgroups along. It removes them itself; one that was killed on its way
 * did not, and nobody else would.
 */
final class CgroupFolders {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final long ENDING_NANOS_MAX = 2_000_000_000L;
    private static final long AGAIN_NANOS = 5_000_000L;

    private CgroupFolders() {}

    /**
     * Removes what is left of this name, in whichever hierarchy, and returns what the kernel still holds on to. Where a launcher was
     * killed, its children end a moment after it: they are waited for.
     */
    static List<Path> remove(String name) {
        long deadline = System.nanoTime() + ENDING_NANOS_MAX;
        while (true) {
            List<Path> left = removeNow(name);
            if (left.isEmpty() || System.nanoTime() - deadline > 0) {
                return left;
            }
            LockSupport.parkNanos(AGAIN_NANOS); // Not a sleep: also who was interrupted takes away what is left.
        }
    }

    private static List<Path> removeNow(String name) {
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
