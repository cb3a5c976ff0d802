package dev.mayfly.sandbox.network.netlink;

/** Applies changes to sets of nftables, each as one transaction. Safe from many threads. */
public final class Sets implements AutoCloseable {
    private final NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER);

    /** @throws NetlinkException if the kernel refuses one of them; then nothing has changed */
    public void apply(SetChange change) {
        if (change.size() > SetChange.MAX) {
            throw new IllegalArgumentException(change + " (expected: at most " + SetChange.MAX + ")");
        }
        if (!change.isEmpty()) {
            socket.send("apply " + change, change.messages());
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
