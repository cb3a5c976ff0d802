package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.pool.api.InstanceAddress;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A WebSocket through the gateway, between a client and a server that know nothing of it. */
final class WebSocketIT {
    private final Gateway gateway = Gateway.start();
    private final BlockingQueue<String> got = new LinkedBlockingQueue<>();

    @BeforeEach
    void startApp() throws Exception {
        int port = gateway.vertx
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
                .webSocketHandshakeHandler(offer -> {
                    if (offer.path().equals("/no")) {
                        offer.reject(403);
                    } else {
                        offer.accept();
                    }
                })
                .webSocketHandler(socket -> {
                    socket.textMessageHandler(text -> {
                        if (text.equals("bye")) {
                            socket.close((short) 4_001, "as you wish");
                        } else {
                            socket.writeTextMessage("echo " + text);
                        }
                    });
                    socket.binaryMessageHandler(socket::writeBinaryMessage);
                    socket.closeHandler(_ -> got.add("server saw the end, code " + socket.closeStatusCode()));
                })
                .listen()
                .await(Wait.SECONDS_MAX, TimeUnit.SECONDS)
                .actualPort();
        gateway.leases.at(new InstanceAddress.Tcp("127.0.0.1", port));
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private WebSocket connect(String path) throws Exception {
        WebSocketClient client = gateway.vertx.createWebSocketClient();
        Future<WebSocket> connecting = client.connect(new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(gateway.server.port())
                .addHeader("Host", Gateway.HOST)
                .setURI(path));
        return connecting.await(Wait.SECONDS_MAX, TimeUnit.SECONDS);
    }

    private String next() throws InterruptedException {
        String next = got.poll(Wait.SECONDS_MAX, TimeUnit.SECONDS);
        assertThat(next).as("something has come").isNotNull();
        return next;
    }

    @Test
    void messagesOfAllKindsGoBothWaysAndItsEndTellsWhy() throws Exception {
        WebSocket socket = connect("/");
        socket.textMessageHandler(got::add);
        socket.binaryMessageHandler(bytes -> got.add(bytes.length() + " bytes"));
        socket.pongHandler(pong -> got.add("pong " + pong));
        socket.closeHandler(_ -> got.add("client saw the end, code " + socket.closeStatusCode()));
        socket.writeTextMessage("hello");
        assertThat(next()).isEqualTo("echo hello");
        socket.writeBinaryMessage(Buffer.buffer(new byte[50_000]));
        assertThat(next()).isEqualTo("50000 bytes");
        socket.writePing(Buffer.buffer("x"));
        assertThat(next()).isEqualTo("pong x");
        assertThat(gateway.calls).isEmpty();
        socket.writeTextMessage("bye");
        assertThat(java.util.List.of(next(), next()))
                .containsExactlyInAnyOrder("server saw the end, code 4001", "client saw the end, code 4001");
        CallRecord call = gateway.onlyCall();
        assertThat(call.status()).isEqualTo(101);
        assertThat(call.failure()).isNull();
        assertThat(call.bytesIn()).isGreaterThan(50_000);
        assertThat(call.bytesOut()).isGreaterThan(50_000);
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }

    @Test
    void aServerLearnsThatItsClientHasClosed() throws Exception {
        WebSocket socket = connect("/");
        socket.close();
        assertThat(next()).startsWith("server saw the end");
        assertThat(gateway.onlyCall().status()).isEqualTo(101);
    }

    @Test
    void aServerMayRefuse() throws Exception {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> connect("/no")))
                .hasMessageContaining("403");
        assertThat(gateway.onlyCall().status()).isEqualTo(403);
        gateway.allLeasesEnd();
    }
}
