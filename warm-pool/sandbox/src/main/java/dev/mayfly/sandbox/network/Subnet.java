package dev.mayfly.sandbox.network;

/** A /20 cut into 1,024 links of four addresses: network, host side, sandbox side, broadcast. */
record Subnet(int base) {
    static final int LINKS = 1_024;
    private static final int BITS = 20;
    private static final int MASK = -1 << (32 - BITS);

    static Subnet parse(String text) {
        return new Subnet(address(text.substring(0, text.indexOf('/'))) & MASK);
    }

    /** The n-th /20 of 10.64.0.0/10. */
    static Subnet ofPrivateRange(int n) {
        return new Subnet((10 << 24 | 64 << 16) + (Math.floorMod(n, 1 << 10) << 12));
    }

    String host(int link) {
        return text(base + link * 4 + 1);
    }

    String sandbox(int link) {
        return text(base + link * 4 + 2);
    }

    boolean overlaps(int network, int bits) {
        int mask = Math.min(bits, BITS) == 0 ? 0 : -1 << (32 - Math.min(bits, BITS));
        return (network & mask) == (base & mask);
    }

    static int address(String text) {
        int value = 0;
        for (String part : text.split("\\.", -1)) {
            value = value << 8 | Integer.parseInt(part);
        }
        return value;
    }

    private static String text(int address) {
        return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
    }

    @Override
    public String toString() {
        return text(base) + "/" + BITS;
    }
}
