package dev.mayfly.builders.engine.layers;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads what tenants' code has left in a build's directory. Symbolic links are never followed, as they lead wherever the
 * tenant wants; sizes have a limit. Only used when nothing of the build is running.
 */
public final class BuildFiles {
    private static final int SIZE_MAX = 1024 * 1024;
    private static final int ENTRIES_MAX = 10_000;

    private BuildFiles() {}

    /**
     * Content of a small text file; empty if there is none.
     *
     * @throws MayflyException {@code BUILD_FAILED} if it is too large
     */
    public static Optional<String> text(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] content = in.readNBytes(SIZE_MAX + 1);
            if (content.length > SIZE_MAX) {
                throw new MayflyException(
                        ErrorCode.BUILD_FAILED,
                        file.getFileName() + ": more than " + SIZE_MAX + " bytes (expected: at most that)");
            }
            return Optional.of(new String(content, StandardCharsets.UTF_8));
        }
    }

    public static boolean isDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Names in a directory, sorted; none if it is no directory.
     *
     * @throws MayflyException {@code BUILD_FAILED} if there are too many
     */
    public static List<Path> list(Path directory) throws IOException {
        if (!isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(directory)) {
            List<Path> some = all.limit(ENTRIES_MAX + 1).sorted().toList();
            if (some.size() > ENTRIES_MAX) {
                throw new MayflyException(
                        ErrorCode.BUILD_FAILED,
                        directory.getFileName() + ": more than " + ENTRIES_MAX + " entries (expected: at most that)");
            }
            return some;
        }
    }
}
