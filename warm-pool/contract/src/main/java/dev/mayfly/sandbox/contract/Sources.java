package dev.mayfly.sandbox.contract;

import java.nio.file.Files;
import java.nio.file.Path;

/** The programs in C that the suites run inside of sandboxes. */
public final class Sources {
    private static final Path FOLDER = Path.of("warm-pool/contract/src/main/c");

    private Sources() {}

    /** The file of this name, found from the folder of any module. */
    public static Path of(String name) {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path file = at.resolve(FOLDER).resolve(name);
            if (Files.exists(file)) {
                return file;
            }
        }
        throw new IllegalStateException(FOLDER.resolve(name) + " is in no folder above this one");
    }
}
