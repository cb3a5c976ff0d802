package dev.mayfly.bench.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A temporary folder, deleted with all that is in it. */
public final class Folder implements AutoCloseable {
    public final Path path;

    public Folder() throws IOException {
        path = Files.createTempDirectory("mayfly-bench");
    }

    public static void delete(Path tree) throws IOException {
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
