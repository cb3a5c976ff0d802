package dev.mayfly.sandbox.network.names;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A question for a name, as it came (RFC 1035).
 *
 * @param name in lower case, without a dot at its end
 * @param question the bytes of the question, which an answer repeats as they are
 * @param recursion whether recursion was asked for
 */
record Query(int id, String name, int type, int questionClass, ByteBuffer question, boolean recursion) {
    static final int A = 1;
    static final int AAAA = 28;
    static final int INTERNET = 1;

    static final int OK = 0;
    static final int FORMAT_ERROR = 1;
    static final int SERVER_FAILURE = 2;
    static final int NO_SUCH_NAME = 3;
    static final int REFUSED = 5;

    private static final int HEADER = 12;
    private static final int NAME_MAX = 255;
    private static final int RESPONSE = 0x8000;
    private static final int OPCODE = 0x7800;
    private static final int RECURSION_DESIRED = 0x0100;
    private static final int RECURSION_AVAILABLE = 0x0080;
    private static final int POINTER_TO_QUESTION = 0xc000 | HEADER;

    /** Reads a question; empty if it is none that deserves an answer: a response, another operation, torn. */
    static Optional<Query> read(byte[] message) {
        if (message.length < HEADER + 5 || message.length > Forwarder.MESSAGE_MAX) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(message);
        int id = in.getShort() & 0xffff;
        int flags = in.getShort() & 0xffff;
        int questions = in.getShort() & 0xffff;
        if ((flags & (RESPONSE | OPCODE)) != 0 || questions != 1) {
            return Optional.empty();
        }
        in.position(HEADER);
        StringBuilder name = new StringBuilder();
        if (!readLabels(in, name) || in.remaining() < 4) {
            return Optional.empty();
        }
        int type = in.getShort() & 0xffff;
        int questionClass = in.getShort() & 0xffff;
        byte[] question = new byte[in.position() - HEADER];
        in.get(HEADER, question);
        return Optional.of(new Query(
                id, name.toString(), type, questionClass, ByteBuffer.wrap(question), (flags & RECURSION_DESIRED) != 0));
    }

    /** Plain labels only: a question has nothing to point to. */
    private static boolean readLabels(ByteBuffer in, StringBuilder name) {
        while (in.hasRemaining()) {
            int length = in.get() & 0xff;
            if (length == 0) {
                return true;
            }
            if (length > 63 || in.remaining() < length || name.length() + length + 1 > NAME_MAX) {
                return false;
            }
            name.append(name.isEmpty() ? "" : ".");
            for (int i = 0; i < length; i++) {
                char c = (char) (in.get() & 0xff);
                if (c <= ' ' || c >= 0x7f || c == '.') {
                    return false; // No name on a list has it.
                }
                name.append(String.valueOf(c).toLowerCase(Locale.ROOT));
            }
        }
        return false;
    }

    /** The bytes that ask for a name, under a number that others cannot guess. */
    static byte[] write(int id, String name, int type) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(HEADER)
                .putShort((short) id)
                .putShort((short) RECURSION_DESIRED)
                .putShort((short) 1)
                .array());
        for (String label : name.split("\\.", -1)) {
            out.write(label.length());
            out.writeBytes(label.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        out.write(0);
        out.writeBytes(ByteBuffer.allocate(4)
                .putShort((short) type)
                .putShort((short) INTERNET)
                .array());
        return out.toByteArray();
    }

    /** An answer with addresses of the question's own type, or none of them. */
    byte[] answer(int code, List<byte[]> addresses, long ttlSeconds) {
        int records =
                addresses.stream().mapToInt(address -> HEADER + address.length).sum();
        ByteBuffer out = ByteBuffer.allocate(HEADER + question.remaining() + records);
        out.putShort((short) id);
        out.putShort((short) (RESPONSE | (recursion ? RECURSION_DESIRED : 0) | RECURSION_AVAILABLE | code));
        out.putShort((short) 1)
                .putShort((short) addresses.size())
                .putShort((short) 0)
                .putShort((short) 0);
        out.put(question.duplicate());
        for (byte[] address : addresses) {
            out.putShort((short) POINTER_TO_QUESTION)
                    .putShort((short) type)
                    .putShort((short) INTERNET)
                    .putInt((int) ttlSeconds)
                    .putShort((short) address.length)
                    .put(address);
        }
        return out.array();
    }

    byte[] failure(int code) {
        return answer(code, List.of(), 0);
    }
}
