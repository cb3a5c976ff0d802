package dev.mayfly.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A temporary folder, deleted with all that is in it. */
final class Folder implements AutoCloseable {
    final Path path;

    Folder() throws IOException {
        path = Files.createTempDirectory("mayfly-bench");
    }

    static void delete(Path tree) throws IOException {
        try (var paths = Files.walk(tree)) {
            for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    @Override
    public void close() throws IOException {
        delete(path);
    }
}
