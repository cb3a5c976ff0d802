package dev.mayfly.pool.engine;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.MountNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folders in which functions listen. The function owns its folder and the host connects to a path in it, so what the
 * function puts there must not lead the host elsewhere: a symbolic link would have the gateway talk to any socket of the
 * machine. Each folder is therefore a tiny file system of its own, on which the kernel follows no link ({@code
 * nosymfollow}, Linux 5.10) and to which nothing of another can be linked hard, with room for a few names and no more.
 */
final class SocketFolders {
    private static final int BYTES_MAX = 64 * 1024;

    /** The root of the file system is one of them. */
    private static final int NAMES_MAX = 16;

    private static final Duration YOUNG = Duration.ofMinutes(1);

    private final Path folder;

    /** @param running instances of a predecessor that still run: their sockets stay */
    SocketFolders(Path folder, Set<String> running) {
        this.folder = folder;
        removeOld(running);
    }

    Path path(String id) {
        return folder.resolve(id);
    }

    /** A folder that keeps what it holds in, owned by this user. */
    Path mount(String id, int uid) throws InterruptedException {
        MountNamespace.require();
        Path made = create(id);
        try {
            HostCommands.run(
                    "mount",
                    "-t",
                    "tmpfs",
                    "-o",
                    String.format(
                            Locale.ROOT,
                            "nosymfollow,nosuid,nodev,noexec,size=%d,nr_inodes=%d,mode=0700,uid=%d,gid=%d",
                            BYTES_MAX,
                            NAMES_MAX,
                            uid,
                            uid),
                    "mayfly-fn",
                    made.toString());
            // An old mount program or kernel may have dropped the option without a word.
            if (!follows(made)) {
                return made;
            }
        } catch (MayflyException e) {
            remove(id);
            throw new MayflyException(
                    ErrorCode.UNSUPPORTED,
                    "functions: cannot make a folder whose links are not followed (expected: Linux 5.10, util-linux"
                            + " 2.36 or newer): " + e.detail(),
                    e);
        }
        remove(id);
        throw new MayflyException(
                ErrorCode.UNSUPPORTED,
                "functions: this kernel follows links on a mount with 'nosymfollow' (expected: Linux 5.10 or newer)");
    }

    /** A plain folder, for a runtime class that keeps nothing in anyway. */
    Path plain(String id) {
        Path made = create(id);
        try {
            Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return made;
    }

    /** Where the socket of a function lies that gets it open: in this folder, which no sandbox sees. */
    Path socket(String id) {
        try {
            return Files.createDirectories(folder).toRealPath().resolve(id);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Frees the folder, whatever is in it. */
    void remove(String id) throws InterruptedException {
        Path made = path(id);
        if (Files.notExists(made, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (mounts().anyMatch(parts -> parts[4].equals(made.toAbsolutePath().toString()))) {
            HostCommands.run("umount", "--lazy", made.toString());
        }
        deleteTree(made);
    }

    /**
     * Removes those of no instance that lives, unless they are younger than a minute: a folder is there before its instance is
     * known to all.
     *
     * @return how many were found
     */
    int sweep(Set<String> living) throws InterruptedException {
        if (!Files.isDirectory(folder)) {
            return 0;
        }
        int found = 0;
        FileTime young = FileTime.from(Instant.now().minus(YOUNG));
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path each : all) {
                String id = String.valueOf(each.getFileName());
                if (!living.contains(id) && modified(each).compareTo(young) < 0) {
                    remove(id);
                    found++;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static FileTime modified(Path path) throws IOException {
        try {
            return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return FileTime.from(Instant.MAX); // It went meanwhile.
        }
    }

    private Path create(String id) {
        try {
            Files.createDirectories(folder);
            return Files.createDirectory(path(id)).toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a predecessor left: its mounts went with its mount namespace, their places did not. */
    private void removeOld(Set<String> running) {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> old = Files.list(folder)) {
                old.filter(path -> !running.contains(String.valueOf(path.getFileName())))
                        .forEach(SocketFolders::deleteTree);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static boolean follows(Path mounted) {
        return mounts().filter(parts -> parts[4].equals(mounted.toString()))
                .noneMatch(parts -> List.of(parts[5].split(",")).contains("nosymfollow"));
    }

    /** The fields of each mount; the fifth is its place, the sixth its options. */
    private static Stream<String[]> mounts() {
        try {
            return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream().map(line -> {
                String[] fields = line.split(" ");
                fields[4] = fields[4].replace("\\040", " ");
                return fields;
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Does not follow links. */
    private static void deleteTree(Path tree) {
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
