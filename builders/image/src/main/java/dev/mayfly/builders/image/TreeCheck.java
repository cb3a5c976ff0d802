package dev.mayfly.builders.image;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes a tree that a build has left fit to be a layer, or refuses it. Refused is what a layer cannot hold and what would
 * cost the host without measure; nothing is opened, and no link is followed. Sockets and pipes are deleted: nobody listens at
 * them any more. A file that has another name outside of the tree is given content of its own, as otherwise who writes to the
 * other name (a later build, to its cache) would write into a release.
 */
final class TreeCheck extends SimpleFileVisitor<Path> {
    static final int ENTRIES_MAX = 500_000;
    static final int DEPTH_MAX = 128;
    static final int PATH_CHARS_MAX = 2_048;

    /** Of one directory: its names are sorted in memory. */
    static final int DIRECTORY_ENTRIES_MAX = 100_000;

    /** Characters of the names of all files and directories; a directory's names are held while what is below it is read. */
    static final int NAME_CHARACTERS_MAX = 16 * 1024 * 1024;

    /** Files that have several names. */
    static final int SHARED_MAX = 50_000;

    /**
     * What reading one tree holds of the server's memory at once at most, in bytes: for each entry its name as a text (at most two
     * bytes a character) and what Java needs around it, and for each file with several names how many were seen.
     */
    static final long HEAP_BYTES_MAX = 2L * NAME_CHARACTERS_MAX + 64L * ENTRIES_MAX + 160L * SHARED_MAX;

    /** By which layers of the OCI image specification delete what lies below them. */
    private static final String WHITEOUT = ".wh.";

    private static final int TYPE = 0170000;
    private static final int CHARACTERS = 0020000;
    private static final int BLOCKS = 0060000;
    private static final int SHOWN_CHARS_MAX = 100;

    private final Path root;
    private final LayerAllowance allowance;

    /** Of each file that has several names, how many of them are not in the tree, as far as it was walked. */
    private final Map<Object, Integer> shared = new HashMap<>();

    /** Entries of the directories on the way to where the walk is. */
    private final Deque<int[]> counts = new ArrayDeque<>();

    private int entries;
    private long names;

    private TreeCheck(Path root, LayerAllowance allowance) {
        this.root = root;
        this.allowance = allowance;
    }

    /**
     * @param allowance of which this tree takes its part
     * @param itself whether the tree itself becomes the layer, and not a copy of it
     * @throws MayflyException {@code BUILD_FAILED} with the path in the tree, what is wrong with it and what was expected
     */
    static void run(Path root, LayerAllowance allowance, boolean itself) throws IOException {
        if (!Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
            throw new MayflyException(
                    ErrorCode.BUILD_FAILED, "'" + root.getFileName() + "' is not a directory any more.");
        }
        TreeCheck check = new TreeCheck(root, allowance);
        Files.walkFileTree(root, check);
        if (itself) {
            check.shared.values().removeIf(left -> left == 0); // All of its names are in the tree.
            check.unshare();
        }
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
        if (!directory.equals(root)) {
            entry(directory);
        }
        counts.push(new int[1]);
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) throws IOException {
        counts.pop();
        return super.postVisitDirectory(directory, failure);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        entry(file);
        if (attributes.isOther()) {
            int type = LayerTar.number(file, "unix:mode") & TYPE;
            if (type == CHARACTERS || type == BLOCKS) {
                throw refused(file, "is a device", "files, directories and symbolic links");
            }
            Files.delete(file);
        } else if (attributes.isRegularFile()) {
            if (allowance.areTooMany(attributes.size())) {
                throw refused(
                        file,
                        "has " + attributes.size() + " bytes, so that there are more than " + allowance.bytesMax(),
                        "at most that in all layers, the holes of sparse files counted; build.disk-mib");
            }
            int links = LayerTar.number(file, "unix:nlink");
            if (links > 1) {
                shared.merge(Objects.requireNonNull(attributes.fileKey()), links - 1, (left, _) -> left - 1);
                if (shared.size() > SHARED_MAX) {
                    throw refused(file, "has several names, as too many have", "at most " + SHARED_MAX + " such files");
                }
            }
        }
        return FileVisitResult.CONTINUE;
    }

    private void entry(Path path) throws IOException {
        Trees.requireNotCancelled();
        Path inside = root.relativize(path);
        if (++entries > ENTRIES_MAX) {
            throw refused(path, "is one too many", "at most " + ENTRIES_MAX + " files and directories");
        }
        if (allowance.entryIsTooMany()) {
            throw refused(
                    path,
                    "is one too many",
                    "at most " + allowance.entriesMax() + " files and directories in all layers; build.files-max");
        }
        if (inside.getNameCount() > DEPTH_MAX || inside.toString().length() > PATH_CHARS_MAX) {
            throw refused(
                    path,
                    "lies too deep",
                    "at most " + DEPTH_MAX + " levels and " + PATH_CHARS_MAX + " characters of path");
        }
        String name = String.valueOf(path.getFileName());
        if (++counts.getFirst()[0] > DIRECTORY_ENTRIES_MAX) {
            throw refused(path, "is one too many", "at most " + DIRECTORY_ENTRIES_MAX + " in one directory");
        }
        names += name.length();
        if (names > NAME_CHARACTERS_MAX) {
            throw refused(
                    path,
                    "has a name with which all are too long",
                    "at most " + NAME_CHARACTERS_MAX + " characters of names");
        }
        if (name.startsWith(WHITEOUT)) {
            throw refused(path, "has a name that layers of images reserve", "none that starts with " + WHITEOUT);
        }
        if (name.indexOf('\uFFFD') >= 0) {
            throw refused(path, "has a name that is not UTF-8", "names in UTF-8");
        }
    }

    /** A second walk, so that not all names need to be held meanwhile. */
    private void unshare() throws IOException {
        if (shared.isEmpty()) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isRegularFile() && shared.containsKey(Objects.requireNonNull(attributes.fileKey()))) {
                    Path copy = root.resolve(".own-" + UUID.randomUUID());
                    Trees.copyFile(file, copy);
                    Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private MayflyException refused(Path path, String what, String expected) {
        String inside = root.relativize(path).toString().replaceAll("\\p{Cntrl}", "?");
        String shown = inside.length() > SHOWN_CHARS_MAX ? inside.substring(0, SHOWN_CHARS_MAX) + "..." : inside;
        return new MayflyException(
                ErrorCode.BUILD_FAILED, "'" + shown + "' " + what + " (expected: " + expected + ").");
    }
}
