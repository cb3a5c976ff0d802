package dev.mayfly.sandbox.docker;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Speaks the Docker Engine API over its unix socket, which the JDK's HTTP client cannot use: one connection for each
 * request, blocking, with a limit on time and on the size of answers. An attached container takes over the connection.
 */
final class DockerApi {
    static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int HEAD_BYTES_MAX = 64 * 1024;
    private static final int BODY_BYTES_MAX = 16 * 1024 * 1024;
    private static final int CHUNK_BYTES = 64 * 1024;

    /** Writes a body of unknown length. */
    interface Body {
        void writeTo(OutputStream out) throws IOException, InterruptedException;
    }

    /** An answer. */
    record Answer(int status, String text) {
        boolean ok() {
            return status >= 200 && status < 300;
        }

        JsonObject json() {
            return new JsonObject(text);
        }

        /** The daemon's own words. */
        String message() {
            try {
                return json().getString("message", text);
            } catch (RuntimeException e) {
                return text.strip();
            }
        }
    }

    private final Path socket;

    DockerApi(Path socket) {
        this.socket = socket;
    }

    Answer call(String method, String path, @Nullable JsonObject body) {
        byte[] bytes = body == null ? new byte[0] : body.toBuffer().getBytes();
        try (SocketChannel channel = connect()) {
            return limited(channel, LIMIT, () -> {
                OutputStream out = Channels.newOutputStream(channel);
                out.write(head(method, path, "Content-Type: application/json\r\nContent-Length: " + bytes.length));
                out.write(bytes);
                return answer(new BufferedInputStream(Channels.newInputStream(channel)));
            });
        } catch (IOException e) {
            throw failed(method, path, e);
        }
    }

    /** Like {@link #call}, but anything but success is an exception with the daemon's words. */
    Answer demand(ErrorCode code, String method, String path, @Nullable JsonObject body) {
        Answer answer = call(method, path, body);
        if (!answer.ok()) {
            throw new MayflyException(code, "docker: " + answer.status() + " " + answer.message());
        }
        return answer;
    }

    /** Waits for an answer as long as it takes: the end of a container. */
    Answer await(String method, String path) throws IOException {
        try (SocketChannel channel = connect()) {
            Channels.newOutputStream(channel).write(head(method, path, "Content-Length: 0"));
            return answer(new BufferedInputStream(Channels.newInputStream(channel)));
        }
    }

    /** Sends a body of unknown length, such as an image. */
    Answer send(String path, String type, Duration limit, Body body) {
        try (SocketChannel channel = connect()) {
            return limited(channel, limit, () -> {
                OutputStream out = Channels.newOutputStream(channel);
                out.write(head("POST", path, "Content-Type: " + type + "\r\nTransfer-Encoding: chunked"));
                try (OutputStream chunks = new Chunks(out)) {
                    body.writeTo(chunks);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
                return answer(new BufferedInputStream(Channels.newInputStream(channel)));
            });
        } catch (IOException e) {
            throw failed("POST", path, e);
        }
    }

    /** Takes over the connection: what follows the head is the container's output. Close the stream to end it. */
    InputStream attach(String container) throws IOException {
        String path = "/containers/" + container + "/attach?stream=1&stdout=1&stderr=1";
        SocketChannel channel = connect();
        try {
            Channels.newOutputStream(channel)
                    .write(head("POST", path, "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0"));
            BufferedInputStream in = new BufferedInputStream(Channels.newInputStream(channel));
            String head = readHead(in);
            int status = status(head);
            if (status != 101 && status != 200) {
                throw new IOException("attach: " + status);
            }
            return in;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private static byte[] head(String method, String path, String fields) {
        String connection = fields.contains("Upgrade") ? "" : "Connection: close\r\n";
        return (method + " " + path + " HTTP/1.1\r\nHost: docker\r\n" + connection + fields + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private interface Exchange {
        Answer run() throws IOException;
    }

    /** A daemon that does not answer must not hold us for ever: its connection is closed. */
    private static Answer limited(SocketChannel channel, Duration limit, Exchange exchange) throws IOException {
        Thread guard = Thread.ofVirtual().name("docker-limit").start(() -> {
            try {
                Thread.sleep(limit);
                channel.close();
            } catch (InterruptedException | IOException e) {
                Thread.currentThread().interrupt(); // It was answered in time.
            }
        });
        try {
            return exchange.run();
        } finally {
            guard.interrupt();
        }
    }

    private static Answer answer(InputStream in) throws IOException {
        String head = readHead(in);
        String fields = head.toLowerCase(Locale.ROOT);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (fields.contains("\r\ntransfer-encoding: chunked")) {
            for (int size = chunkSize(in); size > 0; size = chunkSize(in)) {
                copy(in, body, size);
                line(in);
            }
        } else {
            copy(in, body, BODY_BYTES_MAX); // The connection ends with the answer.
        }
        return new Answer(status(head), body.toString(StandardCharsets.UTF_8));
    }

    private static int chunkSize(InputStream in) throws IOException {
        return Integer.parseInt(line(in), 16);
    }

    private static void copy(InputStream in, ByteArrayOutputStream body, int bytes) throws IOException {
        if (bytes < 0 || body.size() + (long) bytes > BODY_BYTES_MAX) {
            throw new IOException("an answer of more than " + BODY_BYTES_MAX + " bytes");
        }
        body.write(in.readNBytes(bytes));
    }

    private static String readHead(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            head.append(line).append("\r\n");
            if (head.length() > HEAD_BYTES_MAX) {
                throw new IOException("a head of more than " + HEAD_BYTES_MAX + " bytes");
            }
        }
        return head.toString();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.length() > HEAD_BYTES_MAX) {
                throw new IOException("the answer ends early");
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    private static int status(String head) throws IOException {
        String[] parts = head.split(" ", 3);
        if (!head.startsWith("HTTP/1.") || parts.length < 3) {
            throw new IOException("not an HTTP answer");
        }
        return Integer.parseInt(parts[1]);
    }

    private MayflyException failed(String method, String path, IOException e) {
        return new MayflyException(
                ErrorCode.UNSUPPORTED,
                "docker: " + method + " " + path.replaceFirst("\\?.*", "") + " over " + socket + " failed: "
                        + e.getMessage(),
                e);
    }

    /** Chunked transfer coding. */
    private static final class Chunks extends OutputStream {
        private final OutputStream out;
        private final byte[] chunk = new byte[CHUNK_BYTES];
        private int length;

        Chunks(OutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int next) throws IOException {
            if (length == chunk.length) {
                emit();
            }
            chunk[length++] = (byte) next;
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            for (int done = 0; done < count; ) {
                if (length == chunk.length) {
                    emit();
                }
                int step = Math.min(count - done, chunk.length - length);
                System.arraycopy(bytes, from + done, chunk, length, step);
                length += step;
                done += step;
            }
        }

        private void emit() throws IOException {
            if (length > 0) {
                out.write((Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
                out.write(chunk, 0, length);
                out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
                length = 0;
            }
        }

        @Override
        public void close() throws IOException {
            emit();
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
    }
}
