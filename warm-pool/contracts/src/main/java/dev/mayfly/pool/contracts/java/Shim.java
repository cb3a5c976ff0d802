package dev.mayfly.pool.contracts.java;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Turns HTTP into calls of one function: {@code Shim CLASS SIGNATURE}. */
public final class Shim {
    private static final String READY = "/_mayfly/ready";

    private Shim() {}

    public static void main(String[] args) throws IOException {
        Call call = load(args[0], args.length > 1 ? args[1] : "http");
        String socket = System.getenv("MAYFLY_SOCKET");
        String port = System.getenv("PORT");
        boolean unix = socket != null && !socket.isEmpty();
        SocketAddress address = unix
                ? UnixDomainSocketAddress.of(socket)
                : new InetSocketAddress(Integer.parseInt(port == null ? "8080" : port));
        // One thread for each connection; the gateway keeps at most the release's concurrency of them.
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "call");
            thread.setDaemon(true);
            return thread;
        });
        boolean inherited = unix && socket.equals("fd:0");
        try (ServerSocketChannel server = inherited ? inherited() : listen(unix, address)) {
            while (true) {
                threads.execute(new Connection(server.accept(), call));
            }
        }
    }

    private static ServerSocketChannel listen(boolean unix, SocketAddress address) throws IOException {
        ServerSocketChannel server =
                unix ? ServerSocketChannel.open(StandardProtocolFamily.UNIX) : ServerSocketChannel.open();
        return server.bind(address, 128);
    }

    /** It listens already: handed over as standard input by whoever started us. */
    private static ServerSocketChannel inherited() throws IOException {
        if (System.inheritedChannel() instanceof ServerSocketChannel server) {
            return server;
        }
        throw new IOException("standard input is no listening socket (expected: one, as MAYFLY_SOCKET is fd:0)");
    }

    /** A function that cannot be loaded still answers: with why, on the path that asks whether it is ready. */
    private static Call load(String name, String signature) {
        try {
            Call function = Functions.load(name, signature);
            return request -> request.target().equals(READY) ? Answer.text(200, "") : function.handle(request);
        } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
            Throwable cause = e instanceof InvocationTargetException && e.getCause() != null ? e.getCause() : e;
            StringWriter text = new StringWriter();
            cause.printStackTrace(new PrintWriter(text, true));
            System.err.print(text);
            return request -> Answer.text(500, text.toString());
        }
    }
}
