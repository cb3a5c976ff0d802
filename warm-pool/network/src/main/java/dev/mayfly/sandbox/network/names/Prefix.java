package dev.mayfly.sandbox.network.names;

import java.net.InetAddress;
import java.util.Arrays;

/** A network of either family, such as {@code 10.0.0.0/8} or {@code fc00::/7}. */
public final class Prefix {
    private final String text;
    private final byte[] bytes;
    private final int bits;

    private Prefix(String text, byte[] bytes, int bits) {
        this.text = text;
        this.bytes = bytes;
        this.bits = bits;
    }

    /** @throws IllegalArgumentException if it is none, or if bits are set behind the prefix */
    public static Prefix parse(String text) {
        int slash = text.indexOf('/');
        String literal = slash < 0 ? text : text.substring(0, slash);
        if (!literal.contains(":") && !literal.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            throw new IllegalArgumentException("not an address: '" + literal + "'");
        }
        byte[] bytes = InetAddress.ofLiteral(literal).getAddress();
        if (literal.contains(":") && bytes.length == 4) { // ::ffff:0:0 and its like: Java makes IPv4 addresses of them.
            byte[] dressed = new byte[16];
            dressed[10] = -1;
            dressed[11] = -1;
            System.arraycopy(bytes, 0, dressed, 12, 4);
            bytes = dressed;
        }
        int bits = slash < 0 ? bytes.length * 8 : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > bytes.length * 8) {
            throw new IllegalArgumentException("/" + bits + " is longer than the address");
        }
        Prefix prefix = new Prefix(text, bytes, bits);
        if (!Arrays.equals(prefix.masked(bytes), bytes)) {
            throw new IllegalArgumentException("bits are set behind /" + bits);
        }
        return prefix;
    }

    /** As it was written. */
    public String text() {
        return text;
    }

    byte[] bytes() {
        return bytes.clone();
    }

    public boolean isV6() {
        return bytes.length == 16;
    }

    /** Whether the address lies in it; never if it is of the other family. */
    public boolean contains(byte[] address) {
        return address.length == bytes.length && Arrays.equals(masked(address), bytes);
    }

    private byte[] masked(byte[] address) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            int kept = Math.clamp(bits - i * 8L, 0, 8);
            masked[i] &= (byte) (0xff00 >> kept);
        }
        return masked;
    }

    @Override
    public String toString() {
        return text;
    }
}
