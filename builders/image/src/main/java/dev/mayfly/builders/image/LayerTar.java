package dev.mayfly.builders.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes a directory as the tar of an image layer. The same content always gives the same bytes: entries in the order of
 * their names, the constant time of reproducible builds, no user names, no extended attributes, hard links as files
 * (Buildpack Platform API, "Build Reproducibility"). Sockets, pipes and devices are left out. Symbolic links are written
 * as links and never followed.
 */
final class LayerTar {
    private static final long TIME_SECONDS = 315_532_801; // 1980-01-01T00:00:01Z

    /** Who owns the entries and what may be done with them. */
    enum Owners {
        /** As on disk: for base images. */
        KEPT,
        /** One builder's, readable by everybody: instances run as other users than builds. */
        BUILDER
    }

    /** User and group of what builds make. */
    static final int BUILDER_UID = 20_000;

    private LayerTar() {}

    /**
     * Writes everything below the root; the stream stays open.
     *
     * @param inside where the root lies in the image, without a slash at either end; empty: it is the image's root
     */
    static void write(Path root, String inside, Owners owners, OutputStream out) throws IOException {
        @SuppressWarnings("resource") // Closing would close the caller's stream.
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out, 64 * 1024, "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        String prefix = "";
        for (String part : inside.isEmpty() ? List.<String>of() : List.of(inside.split("/", -1))) {
            prefix += part + "/";
            TarArchiveEntry parent = new TarArchiveEntry(prefix, true);
            parent.setModTime(TIME_SECONDS * 1000);
            parent.setMode(0755);
            parent.setIds(BUILDER_UID, BUILDER_UID);
            tar.putArchiveEntry(parent);
            tar.closeArchiveEntry();
        }
        children(root, prefix, owners, tar);
        tar.finish();
        tar.flush();
    }

    private static void children(Path directory, String prefix, Owners owners, TarArchiveOutputStream tar)
            throws IOException {
        // Names alone: with its path before each of them a deep directory of many files would fill the memory.
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> listed = Files.newDirectoryStream(directory)) {
            listed.forEach(each -> names.add(String.valueOf(each.getFileName())));
        }
        names.sort(LayerTar::compareBytes);
        for (String name : names) {
            entry(directory.resolve(name), prefix + name, owners, tar);
        }
    }

    /** As their bytes in UTF-8 compare: unlike a text's own order, what takes two characters of Java comes after all others. */
    private static int compareBytes(String one, String other) {
        int length = Math.min(one.length(), other.length());
        for (int i = 0; i < length; i++) {
            if (one.charAt(i) != other.charAt(i)) {
                return rank(one.charAt(i)) - rank(other.charAt(i));
            }
        }
        return one.length() - other.length();
    }

    private static int rank(char c) {
        return Character.isSurrogate(c) ? c + Character.MAX_VALUE : c;
    }

    private static void entry(Path path, String name, Owners owners, TarArchiveOutputStream tar) throws IOException {
        Trees.requireNotCancelled();
        int mode = number(path, "unix:mode");
        boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        boolean link = Files.isSymbolicLink(path);
        if (!directory && !link && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        TarArchiveEntry entry = link
                ? new TarArchiveEntry(name, TarConstants.LF_SYMLINK, true)
                : new TarArchiveEntry(directory ? name + "/" : name, true);
        entry.setModTime(TIME_SECONDS * 1000);
        entry.setMode(link ? 0777 : owners == Owners.KEPT ? mode & 07777 : shared(mode, directory));
        boolean kept = owners == Owners.KEPT;
        entry.setIds(kept ? number(path, "unix:uid") : BUILDER_UID, kept ? number(path, "unix:gid") : BUILDER_UID);
        if (link) {
            entry.setLinkName(Files.readSymbolicLink(path).toString());
        } else if (!directory) {
            entry.setSize(Files.size(path));
        }
        tar.putArchiveEntry(entry);
        if (!link && !directory) {
            copy(path, entry.getSize(), tar);
        }
        tar.closeArchiveEntry();
        if (directory) {
            children(path, name + "/", owners, tar);
        }
    }

    /** With as many bytes as its entry says: what is written to it meanwhile is told from what was there. */
    private static void copy(Path path, long size, TarArchiveOutputStream tar) throws IOException {
        try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            byte[] buffer = new byte[64 * 1024];
            long left = size;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                left -= read;
                Trees.requireNotCancelled();
                if (left < 0) {
                    break;
                }
                tar.write(buffer, 0, read);
            }
            if (left != 0) {
                throw new IOException(path + " changed while it was read");
            }
        }
    }

    static int number(Path path, String attribute) throws IOException {
        return (Integer) Objects.requireNonNull(Files.getAttribute(path, attribute, LinkOption.NOFOLLOW_LINKS));
    }

    /** Readable by all, writable by the owner, executable by all if by the owner; never setuid. */
    static int shared(int mode, boolean directory) {
        return directory || (mode & 0100) != 0 ? 0755 : 0644;
    }
}
