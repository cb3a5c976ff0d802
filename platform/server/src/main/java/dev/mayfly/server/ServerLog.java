package dev.mayfly.server;

import dev.mayfly.runtime.disk.DiskSpace;
import dev.mayfly.runtime.disk.Room;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Keeps {@code server.log} from growing for ever. It is standard output and error of this process and of its children, all of
 * which append: so it is copied to {@code server.log.1} and cut, not renamed. What is said between the two is lost; all of it
 * where there is no room for a copy.
 */
final class ServerLog {
    static final long BYTES_MAX = 32L * 1024 * 1024;

    private final Path file;
    private final DiskSpace space;

    /** @param space of the data folder's disk */
    ServerLog(Path data, DiskSpace space) {
        this.file = data.resolve("server.log");
        this.space = space;
    }

    /** Cuts the log if it is too long. */
    void bound() throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) <= BYTES_MAX) {
            return;
        }
        Path older = file.resolveSibling("server.log.1");
        Room room = space.room();
        if (room.bytes() - Files.size(file)
                >= space.reserveBytes(room)) { // Else the reserve is worth more than old lines.
            try {
                Files.copy(file, older, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                Files.deleteIfExists(older); // The newer one goes on from its beginning all the same.
            }
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
    }
}
