package dev.mayfly.gateway;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Sends exactly the bytes that a test gives it and reads answers without any library's opinion. */
final class RawClient implements Closeable {
    record Answer(int status, Map<String, String> headers, Buffer body) {
        String text() {
            return body.toString();
        }

        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(Wait.SECONDS_MAX * 1_000);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /** Reads one answer, or null if the connection ends before one. */
    @Nullable
    Answer answer(boolean head) throws IOException {
        String line = line();
        if (line.isEmpty()) {
            return null;
        }
        int status = Integer.parseInt(line.split(" ")[1]);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String field = line(); !field.isEmpty(); field = line()) {
            int colon = field.indexOf(':');
            headers.merge(
                    field.substring(0, colon).toLowerCase(Locale.ROOT),
                    field.substring(colon + 1).strip(),
                    (a, b) -> a + ", " + b);
        }
        boolean bodyless = head || status < 200 || status == 204 || status == 304;
        return new Answer(status, headers, Buffer.buffer(bodyless ? new byte[0] : body(headers)));
    }

    Answer answer() throws IOException {
        return there(answer(false));
    }

    /** One that has no body, whatever its fields say. */
    Answer answerToHead() throws IOException {
        return there(answer(true));
    }

    private static Answer there(@Nullable Answer answer) {
        if (answer == null) {
            throw new AssertionError("the connection ended without an answer");
        }
        return answer;
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            return chunks(headers);
        }
        String length = headers.get("content-length");
        return length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
    }

    private byte[] chunks(Map<String, String> headers) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(), 16);
            if (size == 0) {
                for (String field = line(); !field.isEmpty(); field = line()) {
                    headers.put(
                            "trailer " + field.substring(0, field.indexOf(':')).toLowerCase(Locale.ROOT),
                            field.substring(field.indexOf(':') + 1).strip());
                }
                return all.toByteArray();
            }
            all.write(in.readNBytes(size));
            line();
        }
    }

    String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Reads the rest of a head. */
    void skipHead() throws IOException {
        while (!line().isEmpty()) {
            // A field.
        }
    }

    /** Reads so much, or until the end, and returns how much that was. */
    long count(long bytes) throws IOException {
        byte[] part = new byte[64 * 1024];
        long count = 0;
        while (count < bytes) {
            int got = in.read(part, 0, (int) Math.min(part.length, bytes - count));
            if (got < 0) {
                return count;
            }
            count += got;
        }
        return count;
    }

    /** Reads what comes until the connection ends, by a reset or not. */
    byte[] readAll() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            in.transferTo(all);
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (IOException e) {
            // Reset.
        }
        return all.toByteArray();
    }

    /** Bytes that have come and were not read. */
    int available() throws IOException {
        return in.available();
    }

    /** Whether the other side has ended the connection by now. */
    boolean isClosed() {
        try {
            return closedWithin(1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] read(int bytes) throws IOException {
        return in.readNBytes(bytes);
    }

    /** Whether the other side ends the connection within this time. */
    boolean closedWithin(int millis) throws IOException {
        int before = socket.getSoTimeout();
        socket.setSoTimeout(millis);
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // Reset counts as closed.
        } finally {
            socket.setSoTimeout(before);
        }
    }

    /** Sends no more. */
    void end() throws IOException {
        socket.shutdownOutput();
    }

    /** Ends with a reset instead of an orderly close. */
    void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
