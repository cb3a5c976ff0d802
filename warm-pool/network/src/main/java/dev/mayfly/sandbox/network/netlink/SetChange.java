package dev.mayfly.sandbox.network.netlink;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Changes of sets of one nftables table of family {@code inet}, made all or none in one call. Keys and values are bytes as
 * nftables keeps them: each part of a concatenation filled up to four bytes.
 */
public final class SetChange {
    /** Most elements of one change. */
    public static final int MAX = 1_024;

    private static final int BEGIN = 0x10;
    private static final int END = 0x11;
    private static final int NFTABLES = 10;
    private static final int GET_TABLE = (NFTABLES << 8) | 1;
    private static final int NEW_ELEMENT = (NFTABLES << 8) | 12;
    private static final int DELETE_ELEMENT = (NFTABLES << 8) | 14;
    private static final int INET = 1;

    private final String table;
    private final List<Message> messages = new ArrayList<>();

    public SetChange(String table) {
        this.table = table;
    }

    /** Asks for a table. */
    static Message get(String table) {
        return header(new Message(GET_TABLE, Message.ACK), INET, 0).attribute(1, table);
    }

    /** Puts in an element; one that is there already stays as it is. */
    public SetChange add(String set, byte[] key) {
        return add(set, key, null, 0);
    }

    /** Puts an element into a map. */
    public SetChange add(String map, byte[] key, byte[] value) {
        return add(map, key, value, 0);
    }

    /** Puts in an element that goes by itself. */
    public SetChange add(String set, byte[] key, long timeoutMs) {
        return add(set, key, null, timeoutMs);
    }

    private SetChange add(String set, byte[] key, byte @Nullable [] value, long timeoutMs) {
        Message message = element(new Message(NEW_ELEMENT, Message.CREATE), set, key);
        if (value != null) {
            message.begin(2).attribute(1, value).end();
        }
        if (timeoutMs > 0) {
            message.attribute(4, ByteBuffer.allocate(8).putLong(timeoutMs).array());
        }
        messages.add(message.end().end());
        return this;
    }

    /** Takes out an element, whether it is there or not: putting in what is there changes nothing. */
    public SetChange takeOut(String set, byte[] key) {
        return add(set, key).delete(set, key);
    }

    /** Takes an element out of a map, whether it is there or not, if it has this value. */
    public SetChange takeOut(String map, byte[] key, byte[] value) {
        return add(map, key, value).delete(map, key);
    }

    /** Takes out an element, which must be there. */
    public SetChange delete(String set, byte[] key) {
        messages.add(element(new Message(DELETE_ELEMENT, 0), set, key).end().end());
        return this;
    }

    int size() {
        return messages.size();
    }

    public boolean isEmpty() {
        return messages.isEmpty();
    }

    private Message element(Message message, String set, byte[] key) {
        return header(message, INET, 0)
                .attribute(1, table)
                .attribute(2, set)
                .begin(3)
                .begin(1)
                .begin(1)
                .attribute(1, key)
                .end();
    }

    private static Message header(Message message, int family, int resource) {
        // The resource is in network order.
        return message.int8(family).int8(0).int8(resource >> 8).int8(resource);
    }

    List<Message> messages() {
        List<Message> all = new ArrayList<>();
        all.add(header(new Message(BEGIN, 0), 0, NFTABLES));
        all.addAll(messages);
        all.getLast().askForAck(); // Errors come unasked, so one acknowledgement says that all is well.
        all.add(header(new Message(END, 0), 0, NFTABLES));
        return all;
    }

    @Override
    public String toString() {
        return messages.size() + " changes of table " + table;
    }
}
