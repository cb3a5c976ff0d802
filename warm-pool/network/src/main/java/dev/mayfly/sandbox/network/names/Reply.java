package dev.mayfly.sandbox.network.names;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a name server said: addresses that the name leads to, over other names or not. All of it is a stranger's: bounded, and
 * nothing is taken but addresses.
 *
 * @param truncated there is more, over TCP
 * @param ttlSeconds the shortest on the way
 */
record Reply(int code, boolean truncated, List<byte[]> addresses, long ttlSeconds) {
    static final int ADDRESSES_MAX = 32;
    private static final int RECORDS_MAX = 256;
    private static final int ALIASES_MAX = 16;
    private static final int POINTERS_MAX = 64;
    private static final int NAME_MAX = 255;
    private static final int CNAME = 5;

    private record Entry(String name, int type, long ttl, ByteBuffer data, String target) {}

    /** Reads the answer to that question; empty if it is none. */
    static Optional<Reply> read(byte[] message, int id, String name, int type) {
        try {
            return parse(ByteBuffer.wrap(message), id, name, type);
        } catch (RuntimeException e) { // Torn: buffer underflow and the like.
            return Optional.empty();
        }
    }

    private static Optional<Reply> parse(ByteBuffer in, int id, String name, int type) {
        int flags = in.getShort(2) & 0xffff;
        int questions = in.getShort(4) & 0xffff;
        int answers = Math.min(RECORDS_MAX, in.getShort(6) & 0xffff);
        if ((in.getShort(0) & 0xffff) != id || (flags & 0x8000) == 0 || questions != 1) {
            return Optional.empty();
        }
        in.position(12);
        String asked = name(in);
        if (!asked.equals(name) || (in.getShort() & 0xffff) != type || in.getShort() != Query.INTERNET) {
            return Optional.empty();
        }
        boolean truncated = (flags & 0x0200) != 0;
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < answers && !truncated; i++) {
            entry(in).ifPresent(entries::add);
        }
        return Optional.of(follow(entries, name, type, flags & 0xf, truncated));
    }

    private static Optional<Entry> entry(ByteBuffer in) {
        String owner = name(in);
        int type = in.getShort() & 0xffff;
        int recordClass = in.getShort() & 0xffff;
        long ttl = in.getInt() & 0xffffffffL;
        int length = in.getShort() & 0xffff;
        int end = in.position() + length;
        byte[] data = new byte[length];
        in.get(in.position(), data);
        String target = type == CNAME ? name(in) : "";
        in.position(end);
        return recordClass == Query.INTERNET
                ? Optional.of(new Entry(owner, type, ttl, ByteBuffer.wrap(data), target))
                : Optional.empty();
    }

    private static Reply follow(List<Entry> entries, String name, int type, int code, boolean truncated) {
        Map<String, Entry> aliases = new HashMap<>();
        entries.stream().filter(entry -> entry.type() == CNAME).forEach(entry -> aliases.put(entry.name(), entry));
        String at = name;
        long ttl = Long.MAX_VALUE;
        for (int i = 0; i < ALIASES_MAX && aliases.containsKey(at); i++) {
            Entry alias = aliases.get(at);
            ttl = Math.min(ttl, alias.ttl());
            at = alias.target();
        }
        List<byte[]> addresses = new ArrayList<>();
        int size = type == Query.A ? 4 : 16;
        for (Entry entry : entries) {
            boolean wanted = entry.type() == type
                    && entry.data().capacity() == size
                    && entry.name().equals(at);
            if (wanted && addresses.size() < ADDRESSES_MAX) {
                addresses.add(entry.data().array());
                ttl = Math.min(ttl, entry.ttl());
            }
        }
        return new Reply(code, truncated, addresses, addresses.isEmpty() ? 0 : ttl);
    }

    /** A name with pointers back into the message; the buffer stands behind it afterwards. */
    private static String name(ByteBuffer in) {
        StringBuilder name = new StringBuilder();
        int behind = -1;
        for (int pointers = 0; ; ) {
            int length = in.get() & 0xff;
            if (length == 0) {
                break;
            }
            if (length >= 0xc0) {
                int target = ((length & 0x3f) << 8) | (in.get() & 0xff);
                behind = behind < 0 ? in.position() : behind;
                if (++pointers > POINTERS_MAX) {
                    throw new IllegalArgumentException("pointers in a circle");
                }
                in.position(target);
                continue;
            }
            if (length > 63 || name.length() + length > NAME_MAX) {
                throw new IllegalArgumentException("a name too long");
            }
            name.append(name.isEmpty() ? "" : ".");
            for (int i = 0; i < length; i++) {
                name.append((char) (in.get() & 0xff));
            }
        }
        if (behind >= 0) {
            in.position(behind);
        }
        return name.toString().toLowerCase(Locale.ROOT);
    }
}
