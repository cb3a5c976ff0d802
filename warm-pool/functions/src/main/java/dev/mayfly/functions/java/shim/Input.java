package dev.mayfly.functions.java.shim;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What comes over one connection: heads, each with its body. */
final class Input {
    private static final int HEAD_BYTES_MAX = 128 * 1024;
    private static final int CHUNK_LINE_BYTES_MAX = 4 * 1024;

    private final InputStream in;

    /** @param in buffered */
    Input(InputStream in) {
        this.in = in;
    }

    /** The next head; empty at the end. */
    Optional<Head> head() throws IOException, Refused {
        int first = in.read();
        while (first == '\r' || first == '\n') {
            first = in.read();
        }
        if (first < 0) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder(512).append((char) first);
        int start = 0; // Of the line that is being read.
        while (true) {
            int c = in.read();
            if (c < 0) {
                throw new EOFException("in the middle of a head");
            }
            if (text.length() >= HEAD_BYTES_MAX) {
                throw new Refused(431, "head: more than " + HEAD_BYTES_MAX + " bytes");
            }
            text.append((char) c);
            if (c != '\n') {
                continue;
            }
            int end = text.length() - 2;
            if (text.charAt(end) != '\r') {
                throw new Refused(400, "line end (expected: CR LF)");
            }
            if (end == start) {
                return Optional.of(Head.parse(text.substring(0, start - 2)));
            }
            start = text.length();
        }
    }

    byte[] body(Head head) throws IOException, Refused {
        return head.length() == Head.CHUNKED ? chunks() : exactly((int) head.length());
    }

    /** Whether something is here that has not been read. */
    boolean hasMore() throws IOException {
        return in.available() > 0;
    }

    private byte[] chunks() throws IOException, Refused {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int length = chunkSize(line());
            if (length == 0) {
                break;
            }
            if (length > Head.BODY_BYTES_MAX - body.size()) {
                throw new Refused(413, "body: more than " + Head.BODY_BYTES_MAX + " bytes");
            }
            body.write(exactly(length));
            if (in.read() != '\r' || in.read() != '\n') {
                throw new Refused(400, "chunk (expected: as long as announced)");
            }
        }
        for (int trailers = 0; trailers < Head.FIELDS_MAX; trailers++) {
            if (line().isEmpty()) {
                return body.toByteArray();
            }
        }
        throw new Refused(431, "more than " + Head.FIELDS_MAX + " trailer fields");
    }

    private static int chunkSize(String line) throws Refused {
        String text = line.split(";", 2)[0].strip();
        if (!text.matches("[0-9a-fA-F]{1,8}")) {
            throw new Refused(400, "chunk size (expected: a hexadecimal number)");
        }
        return (int) Math.min(Long.parseLong(text, 16), Integer.MAX_VALUE);
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("in the middle of a body");
        }
        return bytes;
    }

    private String line() throws IOException, Refused {
        ByteArrayOutputStream line = new ByteArrayOutputStream(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("in the middle of a body");
            }
            if (line.size() >= CHUNK_LINE_BYTES_MAX) {
                throw new Refused(400, "chunk size or trailer: more than " + CHUNK_LINE_BYTES_MAX + " bytes");
            }
            line.write(c);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        if (!text.endsWith("\r")) {
            throw new Refused(400, "line end (expected: CR LF)");
        }
        return text.substring(0, text.length() - 1);
    }
}
