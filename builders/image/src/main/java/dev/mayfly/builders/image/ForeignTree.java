package dev.mayfly.builders.image;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A directory that code of a tenant may have written to, held open for reading. All that the server wants to know of what is in it
 * is read here: only regular files and directories that lie below it are found, no link and no mount on the way is followed, nothing
 * is waited for, and sizes have limits. Paths are relative, their parts divided by slashes; what is not found there is absent.
 */
public final class ForeignTree implements AutoCloseable {
    /** Bytes that are read of one while it is open. */
    public static final int BYTES_MAX = 2 * 1024 * 1024;

    /** Files and directories that are opened of one while it is open. */
    private static final int OPENED_MAX = 50_000;

    private final int directory;
    private int opened;
    private int bytes;

    private ForeignTree(int directory) {
        this.directory = directory;
    }

    /**
     * @param directory whose own path is the server's: above it nobody else can write
     * @throws IOException if it is no directory, a link to one for instance
     */
    public static ForeignTree open(Path directory) throws IOException {
        int fd = OpenBeneath.directory(directory.toAbsolutePath().toString());
        if (fd < 0) {
            throw new IOException(directory + " is no directory");
        }
        return new ForeignTree(fd);
    }

    /**
     * Content of a small text file; empty if there is none.
     *
     * @throws MayflyException {@code BUILD_FAILED} if it has more bytes than that
     */
    public Optional<String> text(String path, int bytesMax) throws IOException {
        int fd = beneath(path);
        if (fd < 0) {
            return Optional.empty();
        }
        try {
            // Asked of what is open, as another may have its name by now.
            if (!attributes(fd).isRegularFile()) {
                return Optional.empty();
            }
            byte[] content = OpenBeneath.read(fd, bytesMax + 1);
            if (content.length > bytesMax) {
                throw tooMuch(path, bytesMax + " bytes");
            }
            bytes += content.length;
            if (bytes > BYTES_MAX) {
                throw tooMuch(path, BYTES_MAX + " bytes in all files that are read");
            }
            return Optional.of(new String(content, StandardCharsets.UTF_8));
        } finally {
            OpenBeneath.close(fd);
        }
    }

    public boolean isDirectory(String path) throws IOException {
        int fd = beneath(path);
        if (fd < 0) {
            return false;
        }
        try {
            return attributes(fd).isDirectory();
        } finally {
            OpenBeneath.close(fd);
        }
    }

    /**
     * Names in a directory, sorted; none if it is no directory.
     *
     * @param path {@code .} is this one
     * @throws MayflyException {@code BUILD_FAILED} if there are more than that
     */
    public List<String> names(String path, int max) throws IOException {
        int fd = beneath(path);
        if (fd < 0) {
            return List.of();
        }
        try {
            if (!attributes(fd).isDirectory()) {
                return List.of();
            }
            List<String> names = new ArrayList<>();
            try (DirectoryStream<Path> all = Files.newDirectoryStream(opened(fd))) {
                for (Path each : all) {
                    names.add(String.valueOf(each.getFileName()));
                    if (names.size() > max) {
                        throw tooMuch(path, max + " entries");
                    }
                }
            }
            names.sort(null);
            return names;
        } finally {
            OpenBeneath.close(fd);
        }
    }

    private int beneath(String path) throws IOException {
        if (++opened > OPENED_MAX) {
            throw tooMuch(path, OPENED_MAX + " files that are read");
        }
        return OpenBeneath.beneath(directory, path);
    }

    @Override
    public void close() {
        OpenBeneath.close(directory);
    }

    private static BasicFileAttributes attributes(int fd) throws IOException {
        return Files.readAttributes(opened(fd), BasicFileAttributes.class);
    }

    private static Path opened(int fd) {
        return Path.of("/proc/self/fd/" + fd);
    }

    private static MayflyException tooMuch(String path, String limit) {
        String shown = path.replaceAll("\\p{Cntrl}", "?");
        return new MayflyException(
                ErrorCode.BUILD_FAILED, shown + ": more than " + limit + " (expected: at most that)");
    }
}
