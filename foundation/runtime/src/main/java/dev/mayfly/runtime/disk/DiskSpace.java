package dev.mayfly.runtime.disk;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** The room on the data folder's file system beside what is kept for the database and the logs. Asks the kernel each time. */
public final class DiskSpace {
    /** How much room there is. */
    public enum Level {
        /** All is well. */
        ROOMY,
        /** Below twice the reserve: what can be made again is deleted. */
        LOW,
        /** Below the reserve: nothing that grows goes on but the database and the logs. */
        SHORT
    }

    private static final long MIB = 1024 * 1024;
    private static final long RESERVE_PART = 20;
    private static final long RESERVE_BYTES_MAX = 1024 * MIB;

    /** Of all files that can be made, so many stay free, at most {@link #RESERVE_FILES_MAX}. */
    private static final long RESERVE_FILES_PART = 50;

    private static final long RESERVE_FILES_MAX = 20_000;

    private final Path folder;
    private final DiskConfig config;

    /** @param folder must be there */
    public DiskSpace(Path folder, DiskConfig config) {
        this.folder = folder;
        this.config = config;
    }

    public Room room() {
        try {
            return FileSystems.room(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes that are kept free. */
    public long reserveBytes(Room room) {
        return config.reserveMib() > 0
                ? config.reserveMib() * MIB
                : Math.min(RESERVE_BYTES_MAX, room.bytesTotal() / RESERVE_PART);
    }

    private static long reserveFiles(Room room) {
        return Math.min(RESERVE_FILES_MAX, room.filesTotal() / RESERVE_FILES_PART);
    }

    public Level level() {
        return level(room());
    }

    public Level level(Room room) {
        long bytes = reserveBytes(room);
        long files = reserveFiles(room);
        if (room.bytes() < bytes || room.files() < files) {
            return Level.SHORT;
        }
        return room.bytes() < 2 * bytes || room.files() < 2 * files ? Level.LOW : Level.ROOMY;
    }

    /** Why nothing that grows may begin, for people; empty if there is room. */
    public Optional<String> shortage() {
        Room room = room();
        if (level(room) != Level.SHORT) {
            return Optional.empty();
        }
        return Optional.of(
                room.bytes() < reserveBytes(room)
                        ? String.format(
                                Locale.ROOT,
                                "the server's disk is nearly full: %d MiB are free, %d MiB are kept for its database"
                                        + " (data.reserve-mib); what is deployed serves on",
                                room.bytes() / MIB,
                                reserveBytes(room) / MIB)
                        : String.format(
                                Locale.ROOT,
                                "the server's disk takes few more files: %d can be made, %d are kept for its database;"
                                        + " what is deployed serves on",
                                room.files(),
                                reserveFiles(room)));
    }

    /** @throws MayflyException {@code DISK_LOW} if there is no room for what grows */
    public void require() {
        shortage().ifPresent(why -> {
            throw new MayflyException(ErrorCode.DISK_LOW, why);
        });
    }
}
