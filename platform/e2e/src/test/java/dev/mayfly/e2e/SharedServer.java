package dev.mayfly.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One server for all classes of this process that only use it. It starts on an empty data folder when a test first asks for it,
 * and is stopped and deleted when the process ends: which class is the last, nobody knows here.
 */
final class SharedServer {
    private static @Nullable Server server;
    private static @Nullable String failure;
    private static @Nullable Path folder;

    private SharedServer() {}

    static synchronized Server get() {
        if (failure != null) {
            throw new AssertionError("the shared server did not start: " + failure);
        }
        if (server == null) {
            // A mirror that was frozen has an index of the testing suite that is past its date; its signatures hold all
            // the same.
            Server started = new Server(newFolder("shared").resolve("data"), "base.stale-suites=forky");
            try {
                server = started.up();
            } catch (AssertionError e) {
                failure = e.getMessage();
                throw e;
            }
        }
        return server;
    }

    /** An empty folder for a test's own things. Gone with the process. */
    static synchronized Path newFolder(String name) {
        try {
            if (folder == null) {
                folder = Files.createTempDirectory("mayfly-e2e");
                Runtime.getRuntime().addShutdownHook(new Thread(SharedServer::end, "end of shared server"));
            }
            return Files.createTempDirectory(folder, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it leaves behind fails the run: {@code ./mayfly test} compares the machine with what it was. */
    private static synchronized void end() {
        try {
            if (server != null) {
                server.down();
            }
            if (folder != null) {
                delete(folder);
            }
        } catch (IOException | AssertionError e) {
            System.err.println("The shared server did not end as it should: " + e);
        }
    }

    static void delete(Path tree) throws IOException {
        try (var paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
