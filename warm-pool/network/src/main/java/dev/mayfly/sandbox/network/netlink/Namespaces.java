package dev.mayfly.sandbox.network.netlink;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes network namespaces that live as files. The calling thread is in the new namespace for a moment, so it must be a
 * thread of the platform that does nothing else: what it starts meanwhile would start in there.
 */
public final class Namespaces implements AutoCloseable {
    private static final int NEW_NETWORK = 0x40000000;

    private final int own;
    private final Links links;
    private boolean lost;

    /** For the namespace of the calling thread, to which every maker comes back. */
    public Namespaces(Links links) {
        this.links = links;
        this.own = check("open the own network namespace", Syscalls.open("/proc/thread-self/ns/net"));
    }

    /**
     * Makes a namespace with loopback and the far end of the pair.
     *
     * @param file of the namespace; must not exist
     * @throws MayflyException if the kernel refuses; the file and parts of the pair may be left
     */
    public void make(Path file, Pair pair) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("a virtual thread cannot change its namespace");
        }
        if (lost) {
            throw new IllegalStateException("this thread has not found back from a namespace");
        }
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String target = file.toString();
        NetlinkSocket inside = null;
        int fd = -1;
        try {
            check("make a network namespace", Syscalls.unshare(NEW_NETWORK));
            try {
                fd = check("open the new network namespace", Syscalls.open("/proc/thread-self/ns/net"));
                check("mount " + target, Syscalls.bindMount("/proc/thread-self/ns/net", target));
                inside = NetlinkSocket.open(NetlinkSocket.ROUTE);
            } finally {
                lost = true;
                check("come back from a namespace", Syscalls.setns(own, NEW_NETWORK));
                lost = false;
            }
            links.make(pair, fd, new Links(inside));
        } finally {
            if (inside != null) {
                inside.close();
            }
            if (fd >= 0) {
                Syscalls.close(fd);
            }
        }
    }

    /** Removes the file; the namespace goes, a moment later, when nobody is in it. */
    public static void remove(Path file) {
        Syscalls.unmount(file.toString()); // Fails if it is not mounted, which is fine.
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int check(String what, int result) {
        if (result < 0) {
            throw new MayflyException(ErrorCode.INTERNAL, "cannot " + what + ": errno " + -result);
        }
        return result;
    }

    @Override
    public void close() {
        Syscalls.close(own);
    }
}
