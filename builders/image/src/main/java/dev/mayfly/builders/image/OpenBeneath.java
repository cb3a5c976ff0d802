package dev.mayfly.builders.image;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system call {@code openat2} (Linux 5.6), for which Java has no words: a path is opened from a directory that is open, and
 * the kernel itself refuses whatever would lead out of that. Java's own {@code SecureDirectoryStream} opens one name after the
 * other and cannot open without waiting, so a pipe would hold it for ever.
 */
final class OpenBeneath {
    /** No such file, a link on the way, a part of the way that is no directory, another file system, or nobody at a pipe. */
    static final int NOTHING = -1;

    private static final long NUMBER = 437; // The same on every processor.
    private static final int AT_FDCWD = -100;
    private static final long O_RDONLY_NONBLOCK_CLOEXEC_NOCTTY = 0x800 | 0x80000 | 0x100;
    private static final long NO_XDEV_NO_MAGICLINKS_NO_SYMLINKS_BENEATH = 0x01 | 0x02 | 0x04 | 0x08;
    private static final long O_NOFOLLOW = "aarch64".equals(System.getProperty("os.arch")) ? 0x8000 : 0x20000;
    private static final long O_DIRECTORY = "aarch64".equals(System.getProperty("os.arch")) ? 0x4000 : 0x10000;
    private static final int HOW_BYTES = 24;

    private static final int ENOENT = 2;
    private static final int ENXIO = 6;
    private static final int EAGAIN = 11;
    private static final int EACCES = 13;
    private static final int EXDEV = 18;
    private static final int ENOTDIR = 20;
    private static final int ENAMETOOLONG = 36;
    private static final int ENOSYS = 38;
    private static final int ELOOP = 40;

    /** A rename beside the way makes the kernel ask for another try. */
    private static final int TRIES_MAX = 100;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));
    private static final MethodHandle OPENAT2 =
            handle("syscall", FunctionDescriptor.of(LONG, LONG, INT, POINTER, POINTER, LONG), 1);
    private static final MethodHandle READ = handle("read", FunctionDescriptor.of(LONG, INT, POINTER, LONG), -1);
    private static final MethodHandle CLOSE = handle("close", FunctionDescriptor.of(INT, INT), -1);

    private OpenBeneath() {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, FunctionDescriptor type, int firstVariadic) {
        Linker linker = Linker.nativeLinker();
        Linker.Option errno = Linker.Option.captureCallState("errno");
        Linker.Option[] options = firstVariadic < 0
                ? new Linker.Option[] {errno}
                : new Linker.Option[] {errno, Linker.Option.firstVariadicArg(firstVariadic)};
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
    }

    /** Opens a directory of this server by its path; its last name is not followed. {@link #NOTHING} if it is none. */
    static int directory(String path) throws IOException {
        return open(AT_FDCWD, path, O_DIRECTORY | O_NOFOLLOW, 0);
    }

    /** Opens what lies below an open directory, whatever it is, without waiting; or {@link #NOTHING}. */
    static int beneath(int directory, String path) throws IOException {
        return open(directory, path, O_NOFOLLOW, NO_XDEV_NO_MAGICLINKS_NO_SYMLINKS_BENEATH);
    }

    private static int open(int from, String path, long flags, long resolve) throws IOException {
        if (path.indexOf('\0') >= 0) {
            return NOTHING;
        }
        int errno = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment how = arena.allocate(HOW_BYTES, 8);
            how.set(LONG, 0, O_RDONLY_NONBLOCK_CLOEXEC_NOCTTY | flags);
            how.set(LONG, 16, resolve);
            MemorySegment name = arena.allocateFrom(path);
            for (int i = 0; i < TRIES_MAX; i++) {
                long fd = call(() -> (long) OPENAT2.invokeExact(state, NUMBER, from, name, how, (long) HOW_BYTES));
                if (fd >= 0) {
                    return (int) fd;
                }
                errno = (int) ERRNO.get(state, 0L);
                if (errno != EAGAIN) {
                    break;
                }
            }
        }
        return switch (errno) {
            case ENOENT, ENXIO, EACCES, EXDEV, ENOTDIR, ENAMETOOLONG, ELOOP -> NOTHING;
            case ENOSYS ->
                throw new IOException("openat2: this kernel does not know it (expected: Linux 5.6 or newer)");
            default -> throw new IOException("openat2 '" + path + "': error " + errno);
        };
    }

    /** Bytes from an open file, at most that many; fewer only at its end. */
    static byte[] read(int fd, int max) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment buffer = arena.allocate(Math.max(1, max));
            int length = 0;
            while (length < max) {
                MemorySegment rest = buffer.asSlice(length);
                long wanted = (long) max - length;
                long read = call(() -> (long) READ.invokeExact(state, fd, rest, wanted));
                if (read < 0) {
                    throw new IOException("read: error " + (int) ERRNO.get(state, 0L));
                }
                if (read == 0) {
                    break;
                }
                length += (int) read;
            }
            return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static void close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            call(() -> (int) CLOSE.invokeExact(state, fd));
        }
    }

    private interface Call {
        long run() throws Throwable;
    }

    @SuppressWarnings("IllegalCatch")
    private static long call(Call call) {
        try {
            return call.run();
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
