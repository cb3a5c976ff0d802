package dev.mayfly.sandbox.network;

import dev.mayfly.sandbox.network.names.Prefix;
import dev.mayfly.sandbox.network.netlink.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * A /20 cut into 1,024 links of four addresses: network, host side, sandbox side, broadcast. The last one is no link: its
 * host side is the name server of sandboxes with a list of destinations. Beside it a /64 of unique local IPv6 addresses, cut
 * the same way.
 *
 * @param base of the IPv4 network
 * @param base6 the first eight bytes of the IPv6 network
 */
record Subnet(int base, long base6) {
    static final int LINKS = 1_023;
    private static final int BITS = 20;
    private static final int BITS6 = 64;
    private static final int LINK_BITS = 30;
    private static final int LINK_BITS6 = 126;
    private static final int MASK = -1 << (32 - BITS);

    /** @param tag tells the IPv6 network of this server from those of others on the machine */
    static Subnet parse(String text, String tag) {
        return new Subnet(address(text.substring(0, text.indexOf('/'))) & MASK, uniqueLocal(tag));
    }

    /** The n-th /20 of 10.64.0.0/10. */
    static Subnet ofPrivateRange(int n, String tag) {
        return new Subnet(((10 << 24) | (64 << 16)) + (Math.floorMod(n, 1 << 10) << 12), uniqueLocal(tag));
    }

    /** fd, "mayfl" so that people know whose it is, and the tag. */
    private static long uniqueLocal(String tag) {
        return (0xfd6d_6179_666cL << 16) | (Integer.parseInt(tag, 16) & 0xffff);
    }

    Address host(int link) {
        return new Address(v4(link * 4 + 1), LINK_BITS);
    }

    Address sandbox(int link) {
        return new Address(v4(link * 4 + 2), LINK_BITS);
    }

    Address host6(int link) {
        return new Address(v6(link * 4 + 1), LINK_BITS6);
    }

    Address sandbox6(int link) {
        return new Address(v6(link * 4 + 2), LINK_BITS6);
    }

    /** Address of the name server. */
    Address nameServer() {
        return new Address(v4(LINKS * 4 + 1), 32);
    }

    /** The link whose sandbox side this is, or -1. */
    int linkOf(InetAddress sandbox) {
        byte[] bytes = sandbox.getAddress();
        if (bytes.length != 4) {
            return -1;
        }
        int offset = ByteBuffer.wrap(bytes).getInt() - base;
        return offset >= 0 && offset < LINKS * 4 && offset % 4 == 2 ? offset / 4 : -1;
    }

    boolean overlaps(int network, int bits) {
        int mask = Math.min(bits, BITS) == 0 ? 0 : -1 << (32 - Math.min(bits, BITS));
        return (network & mask) == (base & mask);
    }

    Prefix prefix() {
        return Prefix.parse(this.toString());
    }

    Prefix prefix6() {
        return Prefix.parse(v6(0).getHostAddress() + "/" + BITS6);
    }

    static int address(String text) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(text).getAddress()).getInt();
    }

    private InetAddress v4(int offset) {
        return of(ByteBuffer.allocate(4).putInt(base + offset).array());
    }

    private InetAddress v6(int offset) {
        return of(ByteBuffer.allocate(16).putLong(base6).putLong(offset).array());
    }

    private static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return v4(0).getHostAddress() + "/" + BITS;
    }
}
