package dev.mayfly.sandbox.network.netlink;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * An address with the network it stands in.
 *
 * @param bits length of the network's prefix
 */
public record Address(InetAddress address, int bits) {
    boolean isV6() {
        return address instanceof Inet6Address;
    }

    int family() {
        return isV6() ? 10 : 2;
    }

    byte[] bytes() {
        return address.getAddress();
    }
}
