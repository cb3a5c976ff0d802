package dev.mayfly.sandbox.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Keys of the firewall's sets, as nftables keeps them: each part filled up to four bytes. */
final class Keys {
    private static final int NAME = 16;

    private Keys() {}

    /** {@code ifname} */
    static byte[] link(String name) {
        return buffer(name, 0).array();
    }

    /** {@code ifname . ipv4_addr} or {@code ifname . ipv6_addr} */
    static byte[] linkAndAddress(String name, byte[] address) {
        return buffer(name, address.length).put(address).array();
    }

    /** {@code ifname . mark} */
    static byte[] linkAndMark(String name, int mark) {
        return buffer(name, 4).put(mark(mark)).array();
    }

    /** {@code ifname . ipv4_addr . inet_proto . inet_service}, or the same for IPv6 */
    static byte[] linkAndPin(String name, Pin pin) {
        byte[] address = pin.address().getAddress();
        return buffer(name, address.length + 8)
                .put(address)
                .put((byte) pin.protocol())
                .put(new byte[3])
                .putShort((short) pin.port())
                .put(new byte[2])
                .array();
    }

    /** {@code mark} */
    static byte[] mark(int mark) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(mark)
                .array();
    }

    private static ByteBuffer buffer(String name, int more) {
        byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer key = ByteBuffer.allocate(NAME + more).put(bytes);
        return key.position(NAME);
    }
}
