package dev.mayfly.sandbox.network.netlink;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The few calls of the C library that Java has no words for. A result below zero is minus the errno. */
final class Syscalls {
    static final int ENOENT = 2;
    static final int EAGAIN = 11;
    static final int EBUSY = 16;
    static final int ENODEV = 19;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final AddressLayout POINTER = ValueLayout.ADDRESS;
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = handle("socket", INT, INT, INT, INT);
    private static final MethodHandle SETSOCKOPT = handle("setsockopt", INT, INT, INT, INT, POINTER, INT);
    private static final MethodHandle SEND = handle("send", LONG, INT, POINTER, LONG, INT);
    private static final MethodHandle RECV = handle("recv", LONG, INT, POINTER, LONG, INT);
    private static final MethodHandle CLOSE = handle("close", INT, INT);
    private static final MethodHandle OPEN = handle("open", INT, POINTER, INT);
    private static final MethodHandle UNSHARE = handle("unshare", INT, INT);
    private static final MethodHandle SETNS = handle("setns", INT, INT, INT);
    private static final MethodHandle MOUNT = handle("mount", INT, POINTER, POINTER, POINTER, LONG, POINTER);
    private static final MethodHandle UMOUNT = handle("umount2", INT, POINTER, INT);

    private Syscalls() {}

    @SuppressWarnings("restricted")
    private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(result, arguments),
                Linker.Option.captureCallState("errno"));
    }

    /** One call, with a place for its errno. */
    private interface Call {
        long run(Arena arena, MemorySegment state) throws Throwable;
    }

    @SuppressWarnings("IllegalCatch")
    private static long call(Call call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            long result = call.run(arena, state);
            return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    static int socket(int family, int type, int protocol) {
        return (int) call((_, state) -> (int) SOCKET.invokeExact(state, family, type, protocol));
    }

    static int setOption(int fd, int level, int option, int value) {
        return (int) call((arena, state) ->
                (int) SETSOCKOPT.invokeExact(state, fd, level, option, arena.allocateFrom(INT, value), 4));
    }

    static int send(int fd, byte[] data) {
        return (int) call((arena, state) -> (long)
                SEND.invokeExact(state, fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, data), (long) data.length, 0));
    }

    /** Never waits: {@link #EAGAIN} if nothing is there. */
    static int receive(int fd, byte[] into) {
        int dontWait = 0x40;
        return (int) call((arena, state) -> {
            MemorySegment buffer = arena.allocate(into.length);
            long size = (long) RECV.invokeExact(state, fd, buffer, (long) into.length, dontWait);
            if (size > 0) {
                MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, into, 0, (int) size);
            }
            return size;
        });
    }

    static int close(int fd) {
        return (int) call((_, state) -> (int) CLOSE.invokeExact(state, fd));
    }

    /** Read-only, closed in programs that this process starts. */
    static int open(String path) {
        int closeOnExec = 0x80000;
        return (int) call((arena, state) -> (int) OPEN.invokeExact(state, arena.allocateFrom(path), closeOnExec));
    }

    static int unshare(int flags) {
        return (int) call((_, state) -> (int) UNSHARE.invokeExact(state, flags));
    }

    static int setns(int fd, int type) {
        return (int) call((_, state) -> (int) SETNS.invokeExact(state, fd, type));
    }

    static int bindMount(String source, String target) {
        long bind = 4_096;
        return (int) call((arena, state) -> (int) MOUNT.invokeExact(
                state,
                arena.allocateFrom(source),
                arena.allocateFrom(target),
                arena.allocateFrom(""),
                bind,
                MemorySegment.NULL));
    }

    static int unmount(String target) {
        int detach = 2;
        int noFollow = 8;
        return (int)
                call((arena, state) -> (int) UMOUNT.invokeExact(state, arena.allocateFrom(target), detach | noFollow));
    }
}
