package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of a server's sockets. It lies outside the data folder, whose path may be of any length: the path of a socket
 * has at most 107 bytes (unix(7)).
 */
public final class ShortFolder {
    private static final Logger log = LoggerFactory.getLogger(ShortFolder.class);
    private static final Path SYSTEM = Path.of("/run");

    private ShortFolder() {}

    /**
     * The folder, made if it is not there; nobody else may look into it.
     *
     * @param tag tells this server from others on the machine
     * @throws MayflyException {@code UNSUPPORTED} if there is none that is ours alone
     */
    public static Path make(String tag) {
        Path folder = of(tag);
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path own = Files.createTempFile(folder, "own", "");
            try {
                boolean ours = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(own));
                if (!ours || Files.getPosixFilePermissions(folder).size() != 3) {
                    throw new MayflyException(
                            ErrorCode.UNSUPPORTED,
                            folder + ": not ours alone (expected: owned by this user, mode 0700)");
                }
            } finally {
                Files.delete(own);
            }
            return folder;
        } catch (IOException e) {
            throw new MayflyException(ErrorCode.UNSUPPORTED, "no folder for sockets: " + e, e);
        }
    }

    /** Removes the folder and all that is in it, following no link; what does not go is said in the log. */
    public static void remove(String tag) {
        Path folder = of(tag);
        if (Files.notExists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            log.atWarn().addKeyValue("folder", folder).setCause(e).log("The folder of sockets does not go");
        }
    }

    private static Path of(String tag) {
        Path parent = Files.isWritable(SYSTEM) ? SYSTEM : Path.of(System.getProperty("java.io.tmpdir"));
        return parent.resolve("mayfly-" + tag);
    }
}
