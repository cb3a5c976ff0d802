package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.model.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The idle timer runs out when no byte has moved while one side is sending, and tells apart who it is that all wait for. */
final class IdleTimerIT extends Timed {
    /** As right after the idle time: it counts from the look at the timers that sees the last byte, at once or next. */
    private CallRecord endsIdle() throws InterruptedException {
        gateway.pass(A_LITTLE);
        gateway.pass(IDLE.minus(A_LITTLE));
        assertThat(gateway.calls).as("after the idle time").isEmpty();
        gateway.pass(A_LITTLE.multipliedBy(2));
        assertThat(gateway.calls).as("right after the idle time").hasSize(1);
        return gateway.calls.remove();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 100\r\n\r\npart", "Transfer-Encoding: chunked\r\n\r\n64\r\npart"})
    void idleTellsACallerThatSendsNoMore(String body) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.readToEnd();
        });
        try (RawClient client = gateway.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + body);
            isAsked();
            Wait.until(
                    "all has come", () -> gateway.instance().talks().getFirst().seen("part"));
            CallRecord call = endsIdle();
            assertThat(call.status()).isEqualTo(408);
            assertThat(call.failure()).isEqualTo(ErrorCode.REQUEST_TIMEOUT);
            refused(client, 408, "request.timeout");
            closed(client);
        }
        isWell();
    }

    @Test
    void idleEndsACallWhoseInstanceDoesNotReadItsBody() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        AtomicLong sent = new AtomicLong();
        gateway.raw(talk -> {
            talk.head();
            never.await();
        });
        try (RawClient client = gateway.client()) {
            CompletableFuture<Void> sends = Background.run(() -> {
                client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1000000000\r\n\r\n");
                byte[] part = new byte[100_000];
                for (int i = 0; i < 10_000; i++) {
                    client.send(part);
                    sent.addAndGet(part.length);
                }
            });
            Background.stalls("the body", sent);
            CallRecord call = endsIdle();
            assertThat(call.status()).isEqualTo(504);
            assertThat(call.failure()).isEqualTo(ErrorCode.IDLE_TIMEOUT);
            refused(client, 504, "idle.timeout");
            client.abort();
            assertThat(sends).failsWithin(Duration.ofSeconds(Wait.SECONDS_MAX));
        }
        never.countDown();
        isWell();
    }

    @Test
    void idleCutsAnAnswerThatStands() throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
            talk.ended();
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).line()).contains("200");
            client.skipHead();
            assertThat(client.read(4)).asString().isEqualTo("some");
            CallRecord call = endsIdle();
            assertThat(call.failure()).isEqualTo(ErrorCode.IDLE_TIMEOUT);
            assertThat(call.bytesOut()).isEqualTo(4);
            closed(client);
        }
        isWell();
    }

    @Test
    void idleCutsTheConnectionOfACallerThatTakesNothing() throws Exception {
        AtomicLong sent = new AtomicLong();
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            String part = "x".repeat(100_000);
            for (int i = 0; i < 10_000; i++) {
                talk.say(part);
                sent.addAndGet(part.length());
            }
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Background.stalls("the answer", sent);
            CallRecord call = endsIdle();
            assertThat(call.status()).isEqualTo(200);
            assertThat(call.failure()).isEqualTo(ErrorCode.REQUEST_TIMEOUT);
            client.readAll();
        }
        isWell();
    }

    @Test
    void idleBeginsAnewWithEachByte() throws Exception {
        Semaphore events = new Semaphore(0);
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < 3; i++) {
                events.acquire();
                talk.say("1\r\n.\r\n");
            }
            talk.say("0\r\n\r\n");
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).line()).contains("200");
            client.skipHead();
            for (int i = 0; i < 3; i++) {
                gateway.pass(A_LITTLE);
                gateway.pass(IDLE.minus(A_LITTLE));
                assertThat(gateway.calls).as("after byte " + i).isEmpty();
                events.release();
                assertThat(client.read(6)).asString().isEqualTo("1\r\n.\r\n");
            }
            assertThat(gateway.onlyCall().failure()).isNull();
        }
    }

    @Test
    void idleLeavesAnAppTimeToThink() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        gateway.raw(talk -> {
            String head = talk.head();
            if (head != null && talk.body(head)) {
                done.await();
                talk.say(RawInstance.ok("thought"));
            }
        });
        try (RawClient client = gateway.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 4\r\n\r\nbody");
            isAsked();
            gateway.pass(A_LITTLE);
            gateway.pass(TOTAL.minus(A_LITTLE));
            assertThat(gateway.calls).isEmpty();
            done.countDown();
            assertThat(client.answer().text()).isEqualTo("thought");
        }
    }

    @Test
    void idleEndsATunnelAndEachByteBeginsItAnew() throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.say(SWITCHING);
            while (!talk.ended()) {
                talk.say("!");
            }
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(UPGRADE).answer().status()).isEqualTo(101);
            gateway.pass(A_LITTLE);
            gateway.pass(IDLE.minus(A_LITTLE));
            assertThat(client.send("?").read(1)).asString().isEqualTo("!");
            CallRecord call = endsIdle();
            assertThat(call.status()).isEqualTo(101);
            assertThat(call.failure()).isEqualTo(ErrorCode.IDLE_TIMEOUT);
            assertThat(call.bytesIn()).isEqualTo(1);
            assertThat(call.bytesOut()).isEqualTo(1);
            closed(client);
        }
        isWell();
    }
}
