package dev.mayfly.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ConnectionsTest {
    private static final Duration SILENCE = Duration.ofMillis(600);
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Vertx vertx = Vertx.vertx();
    private final BlockingQueue<HttpServerRequest> asked = new LinkedBlockingQueue<>();
    private Connections connections;
    private int port;

    @BeforeEach
    void open() throws Exception {
        connections = new Connections(vertx, 3, SILENCE);
        port = vertx.createHttpServer(new HttpServerOptions().setHttp2ClearTextEnabled(false))
                .connectionHandler(connections)
                .requestHandler(request -> {
                    connections.asks(request);
                    asked.add(request);
                })
                .listen(0, "127.0.0.1")
                .await(10, TimeUnit.SECONDS)
                .actualPort();
    }

    @AfterEach
    void close() throws Exception {
        connections.close();
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void whoAsksNothingIsClosedEvenIfItSendsBytes() throws Exception {
        try (Socket silent = connect();
                Socket trickling = connect()) {
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            trickling.setSoTimeout(100);
            do {
                trickling.getOutputStream().write('G');
            } while (isOpen(trickling));
        }
    }

    @Test
    void whoWaitsForAnAnswerMayWaitAndIsClosedWhenItAsksNoMore() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(REQUEST);
            HttpServerRequest request = asked.take();
            TimeUnit.MILLISECONDS.sleep(3 * SILENCE.toMillis());
            vertx.runOnContext(_ -> request.response().end("late"));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .endsWith("late");
        }
    }

    @Test
    void thereAreOnlySoMany() throws Exception {
        try (Socket one = connect();
                Socket two = connect();
                Socket three = connect()) {
            for (Socket each : new Socket[] {one, two, three}) {
                each.getOutputStream().write(REQUEST);
                asked.take();
            }
            try (Socket four = connect()) {
                assertThat(isOpen(four)).isFalse();
            }
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** Looks for the end until something comes or a moment has passed. */
    private static boolean isOpen(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (SocketException e) {
            return false; // It was closed with our bytes unread.
        }
    }
}
