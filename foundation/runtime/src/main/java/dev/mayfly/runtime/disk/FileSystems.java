package dev.mayfly.runtime.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/** What Java cannot tell of files and file systems: free files, blocks in use. Linux with a 64-bit C library. */
public final class FileSystems {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    /** {@code struct statvfs}: bsize, frsize, blocks, bfree, bavail, files, ffree, favail. */
    private static final int STATVFS_BYTES = 256;

    /** {@code struct statx}, the same for every processor: linux/stat.h. */
    private static final int STATX_BYTES = 256;

    private static final int STATX_NLINK_AT = 16;
    private static final int STATX_INO_AT = 32;
    private static final int STATX_BLOCKS_AT = 48;
    private static final int STATX_DEVICE_AT = 136;
    private static final int STATX_BASIC = 0x7ff;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final long BLOCK_BYTES = 512;

    private static final MethodHandle STATVFS = handle("statvfs", ValueLayout.ADDRESS, ValueLayout.ADDRESS);
    private static final MethodHandle STATX = handle("statx", INT, ValueLayout.ADDRESS, INT, INT, ValueLayout.ADDRESS);

    private FileSystems() {}

    /** What a file takes. */
    public record Taken(long device, long inode, int names, long bytes) {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), FunctionDescriptor.of(INT, arguments));
    }

    /** The file system that holds this file. */
    @SuppressWarnings("IllegalCatch")
    public static Room room(Path file) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(STATVFS_BYTES, Long.BYTES);
            if ((int) STATVFS.invokeExact(arena.allocateFrom(file.toString()), answer) != 0) {
                throw new IOException("the file system of " + file + " does not answer");
            }
            long fragment = answer.get(LONG, 8);
            long filesTotal = answer.get(LONG, 40);
            return new Room(
                    answer.get(LONG, 32) * fragment,
                    answer.get(LONG, 16) * fragment,
                    filesTotal == 0 ? Long.MAX_VALUE : answer.get(LONG, 56),
                    filesTotal == 0 ? Long.MAX_VALUE : filesTotal);
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the file takes, those that have no name any more included; empty if it is gone. */
    @SuppressWarnings("IllegalCatch")
    public static Optional<Taken> taken(Path file, boolean followLink) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(STATX_BYTES, Long.BYTES);
            int result = (int) STATX.invokeExact(
                    AT_FDCWD,
                    arena.allocateFrom(file.toString()),
                    followLink ? 0 : AT_SYMLINK_NOFOLLOW,
                    STATX_BASIC,
                    answer);
            return result != 0
                    ? Optional.empty()
                    : Optional.of(new Taken(
                            answer.get(LONG, STATX_DEVICE_AT),
                            answer.get(LONG, STATX_INO_AT),
                            answer.get(INT, STATX_NLINK_AT),
                            answer.get(LONG, STATX_BLOCKS_AT) * BLOCK_BYTES));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
