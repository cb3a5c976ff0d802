package dev.mayfly.server;

import dev.mayfly.runtime.health.Check;
import dev.mayfly.store.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What a server tries to see whether it works, where no room does by itself. */
final class Checks {

    private Checks() {}

    /** A file can be made in the folder, and something be written into it. */
    static Check writable(Path folder) {
        return () -> {
            Path file = Files.createTempFile(Files.createDirectories(folder), ".check-", "");
            try {
                Files.writeString(file, "Mayfly tries whether it can write here.\n");
            } finally {
                Files.deleteIfExists(file);
            }
            return Optional.empty();
        };
    }

    /** The database answers; one that was away is opened again, if it can be. */
    static Check answers(Store store) {
        return () -> store.answers() ? Optional.empty() : Optional.of("it does not answer");
    }
}
