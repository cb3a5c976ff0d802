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

/** A unix socket that as many wait for as its queue holds, and whose owner takes none of them until it is told to. */
final class BusySocket implements AutoCloseable {
    private final Path path;
    private final ServerSocketChannel listener;
    private final List<SocketChannel> open = new ArrayList<>();

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

    /** Takes connections from now on, and answers each as soon as it says anything. */
    void serve(String body) {
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    SocketChannel taken = listener.accept();
                    Thread.ofVirtual().start(() -> {
                        try (taken) {
                            if (taken.read(ByteBuffer.allocate(8_192)) > 0) {
                                taken.write(
                                        ByteBuffer.wrap(RawInstance.ok(body).getBytes(StandardCharsets.ISO_8859_1)));
                            }
                        } catch (IOException e) {
                            // The test ends.
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
