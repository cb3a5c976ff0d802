package dev.mayfly.sandbox.network.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/** One netlink message under construction: a header, a fixed part, attributes that may hold attributes. At most 4 KiB. */
final class Message {
    static final int HEADER = 16;
    static final int REQUEST = 1;
    static final int ACK = 4;
    static final int REPLACE = 0x100;
    static final int EXCLUSIVE = 0x200;
    static final int CREATE = 0x400;

    private static final int NESTED = 0x8000;
    private static final int SIZE_MAX = 4_096;

    private final ByteBuffer buffer = ByteBuffer.allocate(SIZE_MAX).order(ByteOrder.nativeOrder());
    private final Deque<Integer> open = new ArrayDeque<>();

    /** @param flags besides {@link #REQUEST} */
    Message(int type, int flags) {
        buffer.position(4);
        buffer.putShort((short) type).putShort((short) (REQUEST | flags)).position(HEADER);
    }

    /** Part of the fixed part. */
    Message int8(int value) {
        buffer.put((byte) value);
        return this;
    }

    Message int16(int value) {
        buffer.putShort((short) value);
        return this;
    }

    Message int32(int value) {
        buffer.putInt(value);
        return this;
    }

    Message attribute(int type, byte[] value) {
        buffer.putShort((short) (4 + value.length)).putShort((short) type).put(value);
        pad();
        return this;
    }

    Message attribute(int type, int value) {
        return attribute(type, nativeInt(value));
    }

    /** With the zero at its end that the kernel expects. */
    Message attribute(int type, String value) {
        return attribute(type, (value + "\0").getBytes(StandardCharsets.US_ASCII));
    }

    /** Begins an attribute that holds attributes; ends with {@link #end}. */
    Message begin(int type) {
        open.push(buffer.position());
        buffer.putShort((short) 0).putShort((short) (NESTED | type));
        return this;
    }

    Message end() {
        int start = open.pop();
        buffer.putShort(start, (short) (buffer.position() - start));
        return this;
    }

    static byte[] nativeInt(int value) {
        return ByteBuffer.allocate(4)
                .order(ByteOrder.nativeOrder())
                .putInt(value)
                .array();
    }

    /** The whole message under a number. */
    byte[] bytes(int sequence) {
        buffer.putInt(0, buffer.position()).putInt(8, sequence);
        byte[] bytes = new byte[buffer.position()];
        buffer.get(0, bytes);
        return bytes;
    }

    void askForAck() {
        buffer.putShort(6, (short) (buffer.getShort(6) | ACK));
    }

    boolean wantsAck() {
        return (buffer.getShort(6) & ACK) != 0;
    }

    private void pad() {
        while (buffer.position() % 4 != 0) {
            buffer.put((byte) 0);
        }
    }
}
