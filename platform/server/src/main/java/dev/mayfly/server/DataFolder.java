package dev.mayfly.server;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The data folder is for the server's own user alone: the folder and those in it are 0700, and below the ones that hold what
 * people wrote and what may not be read, files are 0600. Checked and repaired at every start, before anything is opened.
 *
 * <p>What sandboxes are made of (images, base, toolchains, cache, run) keeps its modes inside: other user ids read it there, through
 * mounts, which do not ask the way to them.
 */
final class DataFolder {
    private static final Logger log = LoggerFactory.getLogger(DataFolder.class);
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

    /** Of these nothing is anybody else's, to the last file. */
    private static final List<String> PRIVATE = List.of("db", "secrets", "git", "logs", "builds");

    /** Of these the way in is closed. */
    private static final List<String> SHARED_INSIDE = List.of("images", "base", "toolchains", "cache", "run");

    /** So many below each folder are looked at, that the start stays short; past them the folder's own mode must do. */
    private static final int ENTRIES_MAX = 20_000;

    private DataFolder() {}

    /** Makes the folder if it is not there, and closes it. @throws IOException if one of the folders in it stays open */
    static void close(Path data) throws IOException {
        Files.createDirectories(data);
        try {
            restrict(data, FOLDER);
        } catch (IOException e) { // As a volume of Kubernetes, which has an owner of its own.
            log.atWarn()
                    .addKeyValue("folder", data)
                    .setCause(e)
                    .log("The data folder is not this server's own; what is in it is closed all the same");
        }
        for (String each : SHARED_INSIDE) {
            Path folder = data.resolve(each);
            if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                restrict(folder, FOLDER);
            }
        }
        for (String each : PRIVATE) {
            Path folder = Files.createDirectories(data.resolve(each));
            restrict(folder, FOLDER);
            closeBelow(folder);
        }
        closeFiles(data);
    }

    /** Makes a file that is the server's alone. */
    static Path file(Path file) throws IOException {
        return Files.createFile(file, PosixFilePermissions.asFileAttribute(FILE));
    }

    /** Sets the modes of what lies in one of its folders now: for what a library has made in its own way. */
    static void closeBelow(Path folder) throws IOException {
        Walk walk = new Walk();
        Files.walkFileTree(folder, walk);
        if (walk.changed > 0) {
            log.atInfo()
                    .addKeyValue("folder", folder)
                    .addKeyValue("changed", walk.changed)
                    .log("Files that others could read are closed");
        }
    }

    private static void closeFiles(Path data) throws IOException {
        try (var files = Files.newDirectoryStream(data)) {
            for (Path file : files) {
                if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    restrict(file, FILE);
                }
            }
        }
    }

    /** Takes away what is too much, and no more: what is read-only or executable stays so. */
    private static boolean restrict(Path path, Set<PosixFilePermission> most) throws IOException {
        Set<PosixFilePermission> now = Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
        if (most.containsAll(now)) {
            return false;
        }
        now.retainAll(most);
        Files.setPosixFilePermissions(path, now);
        return true;
    }

    /** Follows no link: nobody but the server's user can put another in its place meanwhile, the way in is closed. */
    private static final class Walk extends SimpleFileVisitor<Path> {
        private int seen;
        private int changed;

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            changed += restrict(folder, FOLDER) ? 1 : 0;
            return next();
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isRegularFile()) {
                changed += restrict(file, FOLDER) ? 1 : 0; // A hook that was executable stays so, for the owner.
            }
            return next();
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return next(); // It went meanwhile.
        }

        private FileVisitResult next() {
            return ++seen > ENTRIES_MAX ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
        }
    }
}
