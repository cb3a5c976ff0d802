package dev.mayfly.gateway;

import dev.mayfly.pool.api.InstanceAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An instance that does with the bytes on each of its connections exactly what a test says, and remembers what it was asked. */
final class RawInstance implements AutoCloseable {
    /** What it does on one connection; the connection ends with it. */
    interface Script {
        void serve(Talk talk) throws Exception;
    }

    private final ServerSocketChannel listener;
    private final InstanceAddress address;
    private final List<Talk> talks = new CopyOnWriteArrayList<>();

    private RawInstance(ServerSocketChannel listener, InstanceAddress address, Script script) {
        this.listener = listener;
        this.address = address;
        Thread.ofVirtual().start(() -> accept(script));
    }

    static RawInstance onTcp(Script script) throws IOException {
        ServerSocketChannel listener =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        return new RawInstance(listener, new InstanceAddress.Tcp("127.0.0.1", port), script);
    }

    static RawInstance onUnix(Path socket, Script script) throws IOException {
        ServerSocketChannel listener =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket), 512);
        return new RawInstance(listener, new InstanceAddress.UnixSocket(socket), script);
    }

    private void accept(Script script) {
        try {
            while (true) {
                Talk talk = new Talk(listener.accept());
                talks.add(talk);
                Thread.ofVirtual().start(() -> {
                    try (SocketChannel open = talk.channel) {
                        script.serve(talk);
                        open.shutdownOutput();
                    } catch (Exception e) {
                        // The gateway has gone, or the test ends.
                    } finally {
                        talk.closed = true;
                    }
                });
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    InstanceAddress address() {
        return address;
    }

    /** Its connections in the order in which they were made. */
    List<Talk> talks() {
        return talks;
    }

    /** Whether it has been connected to, and this side has closed all those connections. */
    boolean closed() {
        return !talks.isEmpty() && talks.stream().allMatch(talk -> talk.closed);
    }

    /** Whether this has come on one of its connections in {@link Talk#readToEnd}. */
    boolean seen(String text) {
        return talks.stream().anyMatch(talk -> talk.seen(text));
    }

    /** Request lines that it has read, all connections together. */
    List<String> requests() {
        return talks.stream().flatMap(talk -> talk.requests.stream()).toList();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Talk talk : talks) {
            talk.channel.close();
        }
    }

    /** An answer with this body. */
    static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /** One connection, read as strictly as a server should. */
    static final class Talk {
        private final SocketChannel channel;
        private final ByteBuffer data = ByteBuffer.allocate(64 * 1024).limit(0);
        final List<String> requests = new CopyOnWriteArrayList<>();

        /** Chunks of the bodies that came in chunks. */
        final AtomicInteger chunks = new AtomicInteger();

        /** What {@link #readToEnd} has read. */
        private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

        /** Bytes of bodies. */
        final AtomicLong bytes = new AtomicLong();

        /** Whether this side has closed it. */
        volatile boolean closed;

        Talk(SocketChannel channel) {
            this.channel = channel;
        }

        /** The next head, or null if the connection ends before it. */
        @Nullable
        String head() throws IOException {
            StringBuilder head = new StringBuilder();
            for (String line = line(); line != null; line = line()) {
                if (line.isEmpty() && head.isEmpty()) {
                    continue;
                }
                if (head.isEmpty()) {
                    requests.add(line.substring(0, Math.max(0, line.lastIndexOf(' '))));
                }
                head.append(line).append("\r\n");
                if (line.isEmpty()) {
                    return head.toString();
                }
            }
            return null;
        }

        /** Reads the body that the head announces; false if the connection ends before its end. */
        boolean body(String head) throws IOException {
            String fields = head.toLowerCase(Locale.ROOT);
            if (fields.contains("transfer-encoding: chunked")) {
                for (String size = line(); size != null; size = line()) {
                    int length = Integer.parseInt(size, 16);
                    if (!skip(length) || line() == null) {
                        return false;
                    }
                    chunks.incrementAndGet();
                    if (length == 0) {
                        return true;
                    }
                }
                return false;
            }
            int at = fields.indexOf("content-length: ");
            return at < 0 || skip(Integer.parseInt(fields.substring(at + 16, fields.indexOf('\r', at))));
        }

        private @Nullable String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            for (int c = next(); c >= 0; c = next()) {
                if (c == '\n') {
                    return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
                }
                line.write(c);
            }
            return null;
        }

        private boolean skip(int length) throws IOException {
            for (int i = 0; i < length; i++) {
                if (next() < 0) {
                    return false;
                }
                bytes.incrementAndGet();
            }
            return true;
        }

        private int next() throws IOException {
            if (!data.hasRemaining()) {
                data.clear();
                int got = channel.read(data);
                data.flip();
                if (got < 0) {
                    return -1;
                }
            }
            return data.get() & 0xff;
        }

        /** Waits for the next byte, or the end. True: it is the end. */
        boolean ended() throws IOException {
            return next() < 0;
        }

        /** Counts all that comes until the end. */
        void countToEnd() throws IOException {
            while (next() >= 0) {
                bytes.incrementAndGet();
            }
        }

        /** Reads and keeps all that comes until the end. */
        void readToEnd() throws IOException {
            for (int c = next(); c >= 0; c = next()) {
                rest.write(c);
            }
        }

        /** Whether this has come in {@link #readToEnd}. */
        boolean seen(String text) {
            return rest.toString(StandardCharsets.ISO_8859_1).contains(text);
        }

        Talk say(String text) throws IOException {
            ByteBuffer out = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            while (out.hasRemaining()) {
                channel.write(out);
            }
            return this;
        }
    }
}
