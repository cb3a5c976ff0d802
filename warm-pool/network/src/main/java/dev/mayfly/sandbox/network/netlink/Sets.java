package dev.mayfly.sandbox.network.netlink;

import java.util.List;

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

    /** Whether there is a table of family {@code inet} with that name. */
    public boolean hasTable(String table) {
        try {
            socket.send("look for table " + table, List.of(SetChange.get(table)));
            return true;
        } catch (NetlinkException e) {
            if (e.isMissing()) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
