package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Who reaches whom. What the policies of egress do is of the networks' own tests. */
public interface NetworkContract {
    int CONNECT_MS = 1_000;
    long LISTENS_NANOS_MAX = 10_000_000_000L;

    Subject subject();

    /** As the gateway reaches a web app, several times over new connections. */
    @Test
    default void theHostReachesWhatListensInside() throws Exception {
        int port = freePort();
        try (Started server = subject().start(subject().shell("exec busybox nc -ll -p " + port + " -e busybox cat"))) {
            String address = server.sandbox().address().orElse("127.0.0.1");
            for (int i = 0; i < 3; i++) {
                assertThat(echoed(new InetSocketAddress(address, port), "call " + i))
                        .isEqualTo("call " + i);
            }
        }
    }

    @Test
    default void anotherSandboxCannotBeReached() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        try (Started other = subject()
                .start(subject().shell("echo up; exec busybox nc -l -p 8080").open())) {
            other.awaitLine("up");
            Started ended = subject()
                    .run(subject()
                            .program(
                                    "/workspace/probe",
                                    "try",
                                    other.sandbox().address().orElseThrow(),
                                    "8080")
                            .open());
            assertThat(ended.out()).contains("connect-host ETIMEDOUT");
        }
    }

    private static String echoed(InetSocketAddress to, String text) throws Exception {
        for (long deadline = System.nanoTime() + LISTENS_NANOS_MAX; ; ) {
            try (Socket socket = new Socket()) {
                socket.connect(to, CONNECT_MS);
                socket.setSoTimeout(CONNECT_MS);
                socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
                socket.shutdownOutput();
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                if (System.nanoTime() - deadline > 0) {
                    throw new AssertionError("nothing answers at " + to, e);
                }
                Thread.sleep(20);
            }
        }
    }

    /** Where nothing is isolated the port is one of the machine's. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
