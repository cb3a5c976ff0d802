package dev.mayfly.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One server for all classes that only use it. Started on an empty data folder, stopped and deleted after the last test. */
final class SharedServer implements BeforeAllCallback {
    private static @Nullable Server server;
    private static @Nullable Path folder;

    /** The server, and a folder beside it for the working copies of tests. */
    static Server get() {
        if (server == null) {
            throw new IllegalStateException("@ExtendWith(SharedServer.class) is missing");
        }
        return server;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (server != null) {
            return;
        }
        Path made = Files.createTempDirectory("mayfly-e2e");
        folder = made;
        // A mirror that was frozen has an index of the testing suite that is past its date; its signatures hold all the
        // same.
        Server started = new Server(made.resolve("data"), "base.stale-suites=forky");
        server = started;
        context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).put("shared-server", (AutoCloseable) () -> {
            started.down();
            delete(made);
        });
        started.up();
    }

    static Path newFolder(String name) {
        try {
            return Files.createTempDirectory(folder, name);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
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
