package dev.mayfly.functions.java.shim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;

/** Lets connections in, each on a thread of its own. */
final class ShimServer {
    private static final int BACKLOG = 128;
    private static final int CONNECTIONS_MAX = 512;
    private static final int PAUSE_MS = 50;

    private final ServerSocketChannel listener;

    private ShimServer(ServerSocketChannel listener) {
        this.listener = listener;
    }

    /** @param socket a path, {@code fd:0}, or nothing for a port */
    static ShimServer open(String socket, String port) throws IOException {
        if (socket.equals("fd:0")) {
            return inherited();
        }
        if (!socket.isEmpty()) {
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            return new ShimServer(listener.bind(UnixDomainSocketAddress.of(socket), BACKLOG));
        }
        ServerSocketChannel listener = ServerSocketChannel.open();
        return new ShimServer(listener.bind(new InetSocketAddress(Integer.parseInt(port)), BACKLOG));
    }

    /** It listens already: handed over as standard input by whoever started us. */
    static ShimServer inherited() throws IOException {
        if (System.inheritedChannel() instanceof ServerSocketChannel listener) {
            return new ShimServer(listener);
        }
        throw new IOException("standard input is no listening socket (expected: one, as MAYFLY_SOCKET is fd:0)");
    }

    /** Never returns. */
    void serve(Loaded function, Turns turns) throws InterruptedException {
        Semaphore places = new Semaphore(CONNECTIONS_MAX);
        while (true) {
            places.acquire();
            SocketChannel channel;
            try {
                channel = listener.accept();
            } catch (IOException e) { // Out of descriptors, or the other side has left: neither lasts.
                places.release();
                System.err.println("accept: " + e.getMessage());
                Thread.sleep(PAUSE_MS);
                continue;
            }
            HttpConnection connection = new HttpConnection(channel, function, turns);
            Thread thread = new Thread(() -> {
                try {
                    connection.run();
                } finally {
                    places.release();
                }
            });
            thread.setName("call");
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError e) { // The instance may have no more threads. Those that it has go on.
                places.release();
                System.err.println("connection: " + e.getMessage());
                close(channel);
            }
        }
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
