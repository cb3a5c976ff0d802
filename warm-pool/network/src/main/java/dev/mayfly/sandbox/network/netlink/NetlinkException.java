package dev.mayfly.sandbox.network.netlink;

import org.jspecify.annotations.Nullable;

/** The kernel refused a change. */
public final class NetlinkException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int errno;

    NetlinkException(String what, int errno, @Nullable String why) {
        super(what + ": errno " + errno + (why == null ? "" : " (" + why + ")"));
        this.errno = errno;
    }

    /** Whether what was to be changed does not exist. */
    public boolean isMissing() {
        return errno == Syscalls.ENOENT || errno == Syscalls.ENODEV;
    }
}
