package dev.mayfly.sandbox.network;

import java.net.InetAddress;

/**
 * One address and port, over one protocol.
 *
 * @param protocol 6 for TCP, 17 for UDP
 */
record Pin(InetAddress address, int protocol, int port) {
    static final int TCP = 6;
    static final int UDP = 17;

    boolean isV6() {
        return address.getAddress().length == 16;
    }
}
