package dev.mayfly.gateway;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A unix socket that as many wait for as its queue holds, and whose owner takes none of them until it is told to. */
final class BusySocket implements AutoCloseable {
    private final Path path;
    private final ServerSocketChannel listener;
    private final List<SocketChannel> open = new ArrayList<>();
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger over = new AtomicInteger();

    BusySocket(Path path) throws IOException {
        this.path = path;
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path), 1);
        while (waits()) {
            // One more fits.
        }
    }

    private boolean waits() throws IOException {
        SocketChannel next = SocketChannel.open(StandardProtocolFamily.UNIX);
        open.add(next);
        next.configureBlocking(false);
        try {
            return next.connect(UnixDomainSocketAddress.of(path));
        } catch (SocketException e) {
            return false; // It is turned away.
        }
    }

    Path path() {
        return path;
    }

    /** How many wait in its queue since the beginning. */
    int waiting() {
        return open.size() - 1; // The last was turned away.
    }

    /** Connections that it has taken. */
    int taken() {
        return taken.get();
    }

    /** Those of them on which something was asked. */
    int asked() {
        return asked.get();
    }

    /** Those of them that have ended. */
    int over() {
        return over.get();
    }

    /** Takes connections from now on, and answers each as soon as it says anything. */
    void serve(String body) {
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    SocketChannel next = listener.accept();
                    taken.incrementAndGet();
                    Thread.ofVirtual().start(() -> {
                        try (next) {
                            if (next.read(ByteBuffer.allocate(8_192)) > 0) {
                                asked.incrementAndGet();
                                next.write(ByteBuffer.wrap(RawInstance.ok(body).getBytes(StandardCharsets.ISO_8859_1)));
                            }
                        } catch (IOException e) {
                            // The test ends.
                        } finally {
                            over.incrementAndGet();
                        }
                    });
                }
            } catch (IOException e) {
                // Closed.
            }
        });
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (SocketChannel each : open) {
            each.close();
        }
    }
}
