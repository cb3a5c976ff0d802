package dev.mayfly.builders.image;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Work on whole directories that tenants' code may have written: symbolic links are never followed. */
public final class Trees {
    private static final long COPIED_AT_ONCE_BYTES = 8 * 1024 * 1024;

    private Trees() {}

    /** Deletes the directory and all below it, if it is there, however deep it is. */
    public static void delete(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Deleting deleting = new Deleting(directory);
        do {
            deleting.lifted = false;
            Files.walkFileTree(directory, deleting);
        } while (deleting.lifted);
    }

    /** What lies too deep for the kernel to take its path is lifted to the top and deleted from there, in another round. */
    private static final class Deleting extends SimpleFileVisitor<Path> {
        private static final int PATH_CHARS_MAX = 1_000;

        private final Path top;
        private boolean lifted;
        private int next;

        Deleting(Path top) {
            this.top = top;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) throws IOException {
            if (each.toString().length() - top.toString().length() <= PATH_CHARS_MAX) {
                return FileVisitResult.CONTINUE;
            }
            Path place;
            do {
                place = top.resolve("lifted-" + next++);
            } while (Files.exists(place, LinkOption.NOFOLLOW_LINKS));
            Files.move(each, place, StandardCopyOption.ATOMIC_MOVE);
            lifted = true;
            return FileVisitResult.SKIP_SUBTREE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path each, @Nullable IOException failure) throws IOException {
            if (failure != null) {
                throw failure;
            }
            if (lifted && each.equals(top)) {
                return FileVisitResult.CONTINUE;
            }
            try {
                Files.deleteIfExists(each);
            } catch (DirectoryNotEmptyException e) {
                throw new IOException("could not empty " + each, e);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }
    }

    /** Gives the directory and all below it to this user and group. Does nothing without the privilege to do so. */
    public static void own(Path directory, int uid) throws IOException {
        visit(directory, path -> ownOne(path, uid));
    }

    /** The same for one file or directory alone. */
    public static void ownOne(Path path, int uid) throws IOException {
        if ("root".equals(System.getProperty("user.name"))) {
            Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(path, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Makes everything readable by all and writable by its owner alone; takes setuid away. */
    public static void share(Path directory) throws IOException {
        visit(directory, path -> {
            if (Files.isSymbolicLink(path)) {
                return;
            }
            boolean isDirectory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
            int mode = LayerTar.number(path, "unix:mode");
            int wanted = LayerTar.shared(mode, isDirectory);
            if ((mode & 07777) != wanted) {
                Files.setAttribute(path, "unix:mode", wanted, LinkOption.NOFOLLOW_LINKS);
            }
        });
    }

    /**
     * Copies a directory with its links, modes and times of files. The target must not be there yet; a part of it stays on failure.
     *
     * @throws InterruptedIOException or another, soon after the thread is interrupted
     */
    public static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                requireNotCancelled();
                Files.createDirectories(to.resolve(from.relativize(directory).toString()));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                requireNotCancelled();
                Path target = to.resolve(from.relativize(file).toString());
                if (attributes.isSymbolicLink()) {
                    Files.createSymbolicLink(target, Files.readSymbolicLink(file));
                } else if (attributes.isRegularFile()) {
                    copyFile(file, target);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** In parts, as a copy of {@link Files} cannot be interrupted. The target must not be there yet. */
    static void copyFile(Path from, Path to) throws IOException {
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
                FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long at = 0;
            for (long more = 1; more > 0; at += more) {
                more = in.transferTo(at, COPIED_AT_ONCE_BYTES, out); // Closed by an interrupt.
            }
        }
        Files.setPosixFilePermissions(to, Files.getPosixFilePermissions(from, LinkOption.NOFOLLOW_LINKS));
        Files.setLastModifiedTime(to, Files.getLastModifiedTime(from, LinkOption.NOFOLLOW_LINKS));
    }

    /** @throws InterruptedIOException if nobody needs what this thread does any more */
    static void requireNotCancelled() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("cancelled on the way through a tree");
        }
    }

    /** Bytes of all regular files below. */
    public static long size(Path directory) throws IOException {
        long[] bytes = {0};
        Files.walkFileTree(directory, Set.of(), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes[0] += attributes.isRegularFile() ? attributes.size() : 0;
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes[0];
    }

    private interface Each {
        void accept(Path path) throws IOException;
    }

    private static void visit(Path directory, Each each) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) throws IOException {
                requireNotCancelled();
                each.accept(path);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) throws IOException {
                requireNotCancelled();
                each.accept(path);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
