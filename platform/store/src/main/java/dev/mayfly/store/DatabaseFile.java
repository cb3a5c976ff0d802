package dev.mayfly.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.h2.mvstore.MVStoreTool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of an H2 database. As nothing in it is ever written over, it grows by some KiB with each commit; what lives in it is
 * a small part after a while, and copied into a new file then.
 */
record DatabaseFile(Path path) {
    private static final Logger log = LoggerFactory.getLogger(DatabaseFile.class);

    /** At a start, a file of that size is left as it is. */
    private static final long SMALL_BYTES = 16L << 20;

    /** One that is in use is copied when it has come to this. */
    static final long LARGE_BYTES = 256L << 20;

    long bytes() {
        try {
            return Files.exists(path) ? Files.size(path) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends first what a kill has left half done. Nobody may have it open. */
    void compactIfGrown() {
        MVStoreTool.compactCleanUp(name());
        if (bytes() > SMALL_BYTES) {
            compact();
        }
    }

    private String name() {
        return path.toAbsolutePath().toString();
    }

    /**
     * Copies what lives into a new file, which takes the place of the old one in one step. Nobody may have it open. If that fails,
     * on a full disk say, the old one stays.
     */
    void compact() {
        long before = bytes();
        try {
            Set<PosixFilePermission> whose = Files.getPosixFilePermissions(path);
            MVStoreTool.compact(name(), false);
            Files.setPosixFilePermissions(path, whose);
            log.atInfo()
                    .addKeyValue("before", before)
                    .addKeyValue("after", bytes())
                    .log("The database's file holds what lives alone");
        } catch (IOException | RuntimeException e) { // H2 throws several kinds.
            log.atWarn().addKeyValue("bytes", before).setCause(e).log("The database's file cannot be made smaller");
            MVStoreTool.compactCleanUp(name());
        }
    }
}
