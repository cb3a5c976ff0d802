package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Limits;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.StartKind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A call is tried once more if its instance took no connection, once, and never after a byte of it has been sent. */
final class RetryIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String GET = "GET / HTTP/1.1\r\n" + HOST + "\r\n";
    private static final String POST = "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 4\r\n\r\nbody";

    private Gateway gateway = Gateway.start();

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    /** Where nobody listens. */
    private static InstanceAddress gone() throws IOException {
        try (ServerSocket once = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InstanceAddress.Tcp("127.0.0.1", once.getLocalPort());
        }
    }

    private void nextIsGone() throws IOException {
        gateway.leases.prepare(gateway.leases.leased(gone(), StartKind.WARM, Duration.ZERO));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                GET,
                POST,
                "POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n"
            })
    void anotherInstanceAnswersInPlaceOfOneThatRefuses(String request) throws Exception {
        gateway.app(asked -> asked.bodyHandler(body -> asked.response().end("got " + body)));
        nextIsGone();
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(request).answer();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo(request.startsWith("GET") ? "got " : "got body");
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.granted()).isEqualTo(2);
        assertThat(gateway.leases.broken()).as("the one that refused").isEqualTo(1);
        assertThat(gateway.onlyCall().failure()).isNull();
        assertThat(gateway.calls).as("one call, one record").isEmpty();
    }

    @Test
    void thereIsNoThirdTry() throws Exception {
        gateway.raw(RawInstance.Talk::head);
        nextIsGone();
        nextIsGone();
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("refused the connection");
            assertThat(answer.header("mayfly-instance")).isEqualTo("ins_fake2");
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.granted()).isEqualTo(2);
        assertThat(gateway.leases.broken()).isEqualTo(2);
        assertThat(gateway.instance().talks()).isEmpty();
    }

    @Test
    void theSecondTryMayFindNoPlace() throws Exception {
        nextIsGone();
        gateway.leases.prepare(new dev.mayfly.pool.api.LeaseOutcome.Saturated(
                ErrorCode.QUEUE_FULL, "too many wait", Duration.ofSeconds(7)));
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("retry-after")).isEqualTo("7");
        }
        gateway.allLeasesEnd();
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, POST})
    void nothingIsAskedTwiceOnceItHasBeenSent(String request) throws Exception {
        gateway.raw(RawInstance.Talk::head); // And closes.
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(request).answer();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("closed the connection without an answer");
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.granted()).isEqualTo(1);
        assertThat(gateway.instance().requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {GET, POST})
    void norOnAConnectionThatHasBeenUsedBefore(String request) throws Exception {
        AtomicInteger asked = new AtomicInteger();
        gateway.close();
        // Time stands still, so that a connection waits for its next request however busy the machine is.
        gateway = Gateway.startTimed(Gateway.config(CallLimits.DEFAULTS), Limits.DEFAULTS);
        gateway.raw(talk -> {
            // Each connection answers once, and closes when it has read its second request.
            String head = talk.head();
            if (head != null && talk.body(head)) {
                asked.incrementAndGet();
                talk.say(RawInstance.ok("first"));
                if (talk.head() != null) {
                    asked.incrementAndGet();
                }
            }
        });
        try (RawClient client = gateway.client()) {
            for (int i = 0; i < FakeLeases.INSTANCES; i++) {
                assertThat(client.send(GET).answer().text()).isEqualTo("first");
                gateway.onlyCall();
            }
            gateway.leases.allDied(DeathReason.EXIT); // Else the reason would be waited for.
            assertThat(client.send(request).answer().status()).isEqualTo(502);
        }
        assertThat(asked).hasValue(FakeLeases.INSTANCES + 1);
        assertThat(gateway.leases.granted()).isEqualTo(FakeLeases.INSTANCES + 1);
    }
}
