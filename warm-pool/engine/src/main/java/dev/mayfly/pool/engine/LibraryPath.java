package dev.mayfly.pool.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether two values of {@code LD_LIBRARY_PATH} lead a program to the same libraries. Buildpacks add each {@code lib} folder of
 * a layer (CNB Buildpack API, "Layer Paths"), that of a Python environment as well, which has no library in it.
 *
 * @param layers of an image, as directories
 */
record LibraryPath(List<Path> layers) {
    static final String VARIABLE = "LD_LIBRARY_PATH";

    boolean same(@Nullable String one, @Nullable String other) {
        return folders(one).equals(folders(other));
    }

    private List<String> folders(@Nullable String value) {
        return value == null || value.isEmpty()
                ? List.of()
                : Arrays.stream(value.split(":", -1))
                        .filter(this::mayHoldLibraries)
                        .toList();
    }

    /** What is not simply a folder of the image is taken for one with libraries. */
    private boolean mayHoldLibraries(String folder) {
        return !folder.startsWith("/") || layers.stream().anyMatch(layer -> mayHoldLibraries(layer, folder));
    }

    private static boolean mayHoldLibraries(Path layer, String folder) {
        Path at = layer;
        for (String name : folder.substring(1).split("/")) {
            at = at.resolve(name);
            if (name.equals("..") || Files.isSymbolicLink(at)) {
                return true;
            }
            if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
                return Files.exists(at, LinkOption.NOFOLLOW_LINKS);
            }
        }
        try (Stream<Path> files = Files.list(at)) {
            // Folders may be searched too: glibc-hwcaps.
            return files.anyMatch(
                    file -> file.getFileName().toString().contains(".so") || file.endsWith("glibc-hwcaps"));
        } catch (IOException e) {
            return true;
        }
    }
}
