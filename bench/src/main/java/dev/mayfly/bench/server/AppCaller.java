package dev.mayfly.bench.server;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Deque;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;

/** Calls one app over connections that stay open. Lean, as it shares the machine with what it measures. Safe from many threads. */
public final class AppCaller implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 60_000;
    private static final int LINE_BYTES_MAX = 16_384;
    private static final int IDLE_SECONDS_MAX = 10;

    /** What came back. */
    public record Answer(int status, Map<String, String> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }

        /** What the request met: {@code warm}, {@code pool} and so on. */
        public String start() {
            return header("mayfly-start");
        }

        public String instance() {
            return header("mayfly-instance");
        }

        public boolean ok() {
            return status == 200;
        }
    }

    private final int port;
    private final byte[] request;
    private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

    public AppCaller(TestServer server, String app) {
        this.port = server.port();
        this.request =
                ("GET / HTTP/1.1\r\nHost: " + app + ".local.localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    public Answer call() throws IOException {
        Connection connection = take();
        try {
            Answer answer = connection.ask(request);
            if (answer.header("connection").equals("close")) {
                connection.close();
            } else {
                connection.idleSince = System.nanoTime();
                idle.addFirst(connection);
            }
            return answer;
        } catch (IOException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** One that was idle for long may be closed by the gateway while the next request is on its way: nobody's failure. */
    private Connection take() throws IOException {
        for (Connection each; (each = idle.pollFirst()) != null; ) {
            if (System.nanoTime() - each.idleSince < TimeUnit.SECONDS.toNanos(IDLE_SECONDS_MAX)) {
                return each;
            }
            each.close();
        }
        return new Connection(port);
    }

    @Override
    public void close() {
        for (Connection each; (each = idle.poll()) != null; ) {
            each.close();
        }
    }

    private static final class Connection implements AutoCloseable {
        private final Socket socket;
        private final InputStream in;
        private volatile long idleSince;

        Connection(int port) throws IOException {
            this.socket = new Socket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            this.in = new BufferedInputStream(socket.getInputStream());
        }

        Answer ask(byte[] request) throws IOException {
            socket.getOutputStream().write(request);
            String[] status = line().split(" ", 3);
            Map<String, String> headers = new TreeMap<>();
            for (String line = line(); !line.isEmpty(); line = line()) {
                int colon = line.indexOf(':');
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            String length = headers.get("content-length");
            if (status.length < 2 || length == null) {
                throw new IOException("not an answer with a length: " + String.join(" ", status) + " " + headers);
            }
            byte[] body = in.readNBytes(Integer.parseInt(length));
            return new Answer(Integer.parseInt(status[1]), headers, new String(body, StandardCharsets.UTF_8));
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int next; (next = in.read()) != '\n'; ) {
                if (next < 0 || line.length() > LINE_BYTES_MAX) {
                    throw new IOException("the connection ended within an answer");
                }
                if (next != '\r') {
                    line.append((char) next);
                }
            }
            return line.toString();
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
