package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.model.DeathReason;
import dev.mayfly.pool.api.InstanceAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only what an instance did counts against it: however callers leave, it stays, and is free when it is done. */
final class BlameIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String GET = "GET / HTTP/1.1\r\n" + HOST + "\r\n";
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(400);

    private Gateway gateway = Gateway.start();

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void start(long bodyBytesMax, int concurrency) throws Exception {
        gateway.close();
        gateway = new Gateway(
                Gateway.config(Gateway.limits(LONG, LONG, bodyBytesMax)), Gateway.limits(concurrency, LONG));
    }

    /** Streams until nobody takes it. */
    private static void stream(RawInstance.Talk talk) throws Exception {
        if (talk.head() != null) {
            talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                talk.say("5\r\ndata\n\r\n");
                Thread.sleep(Duration.ofMillis(2)); // As fast as events come.
            }
        }
    }

    /** Sends a gigabyte if somebody takes it. */
    private static void download(RawInstance.Talk talk) throws Exception {
        String part = "x".repeat(100_000);
        if (talk.head() != null) {
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            for (int i = 0; i < 10_000; i++) {
                talk.say(part);
            }
        }
    }

    /** Reads a request to its end before it answers. */
    private static void whole(RawInstance.Talk talk) throws Exception {
        String head = talk.head();
        if (head != null && talk.body(head)) {
            talk.say(RawInstance.ok("whole"));
        }
    }

    private void isWell() throws InterruptedException {
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fiftyCallersThatLeaveInAStreamKillNothing(boolean reset) throws Exception {
        gateway.raw(BlameIT::stream);
        for (int i = 0; i < 50; i++) {
            try (RawClient client = gateway.client()) {
                client.send(GET).line();
                if (reset) {
                    client.abort();
                }
            }
        }
        isWell();
    }

    @Test
    void fiftyAbortedDownloadsKillNothing() throws Exception {
        gateway.raw(BlameIT::download);
        for (int i = 0; i < 50; i++) {
            try (RawClient client = gateway.client()) {
                client.send(GET).read(50_000);
                client.abort();
            }
        }
        isWell();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void callersThatLeaveInTheirBodyKillNothing(boolean chunked) throws Exception {
        gateway.raw(BlameIT::whole);
        String framing = chunked ? "Transfer-Encoding: chunked\r\n\r\n64\r\npart" : "Content-Length: 100\r\n\r\npart";
        for (int i = 0; i < 50; i++) {
            try (RawClient client = gateway.client()) {
                client.send("POST / HTTP/1.1\r\n" + HOST + framing);
                int over = i;
                Wait.until("it is on its way", () -> gateway.leases.granted() > over);
                client.abort();
            }
        }
        isWell();
    }

    @Test
    void whoIsStillAtAnAbandonedRequestIsNotFree() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        CountDownLatch done = new CountDownLatch(1);
        start(1_000, 1);
        gateway.raw(talk -> {
            if (talk.head() != null && talk.ended()) {
                told.countDown();
                done.await();
                talk.say(RawInstance.ok("late"));
            }
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Wait.until("it is asked", () -> !gateway.instance().requests().isEmpty());
        }
        CallRecord call = gateway.onlyCall();
        assertThat(call.status()).isEqualTo(CallRecord.CALLER_LEFT);
        assertThat(told.await(Wait.SECONDS_MAX, TimeUnit.SECONDS))
                .as("it learns that nobody waits")
                .isTrue();
        assertThat(gateway.leases.ended()).as("it has not said that it is done").isZero();
        done.countDown();
        isWell();
    }

    @Test
    void aBodyAboveTheLimitIsItsCallersFault() throws Exception {
        start(10_000, 1);
        gateway.raw(talk -> {
            String head = talk.head();
            if (head != null) {
                talk.body(head);
            }
        });
        for (int i = 0; i < 20; i++) {
            try (RawClient client = gateway.client()) {
                client.send("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n4e20\r\n"
                        + "x".repeat(20_000));
                assertThat(client.answer().status()).isEqualTo(413);
            }
        }
        isWell();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anAnswerThatCameBeforeAWriteFailedIsTheAnswer(boolean readsSome) throws Exception {
        gateway.raw(talk -> {
            if (talk.head() != null) {
                if (readsSome) {
                    talk.ended();
                }
                talk.say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
            } // And closes, with all the rest of the body unread.
        });
        for (int i = 0; i < 20; i++) {
            try (RawClient client = gateway.client()) {
                Thread sends = Thread.ofVirtual().start(() -> {
                    try {
                        client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 50000000\r\n\r\n");
                        for (int part = 0; part < 500; part++) {
                            client.send("x".repeat(100_000));
                        }
                    } catch (java.io.IOException e) {
                        // The rest is not wanted.
                    }
                });
                assertThat(client.answer().status()).isEqualTo(413);
                sends.join();
            }
        }
        isWell();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\nContent-",
                "garbage\r\n\r\n",
                "HTTP/3.0 200 OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                "HTTP/1.1 200 OK\r\na: b\u0001\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcdef",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
            })
    void whatAnAppAnswersOneOfItsCallersEndsOneConnection(String answer) throws Exception {
        start(1_000, 50);
        gateway.raw(talk -> {
            talk.head();
            talk.say(answer);
        });
        for (int i = 0; i < 3; i++) {
            try (RawClient client = gateway.client()) {
                assertThat(client.send(GET).line()).isEqualTo("HTTP/1.1 502 Bad Gateway");
            }
        }
        isWell();
    }

    /** With little time for an instance to take a connection. */
    private void busy(InstanceAddress address) throws Exception {
        gateway.close();
        CallLimits d = Gateway.limits(LONG, LONG, 1_000);
        gateway = new Gateway(
                Gateway.config(new CallLimits(
                        d.queueTimeout(), d.idleTimeout(), 1_000, SHORT, SHORT, d.connectionsPerInstance())),
                Gateway.limits(50, LONG));
        gateway.leases.at(address);
    }

    @Test
    void whoIsTooBusyToTakeAConnectionIsNotGone() throws Exception {
        List<Socket> others = new ArrayList<>();
        try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            busy(new InstanceAddress.Tcp("127.0.0.1", busy.getLocalPort()));
            for (int i = 0; i < 4; i++) { // Nobody takes these, and no more fit.
                Socket other = new Socket();
                others.add(other);
                try {
                    other.connect(new InetSocketAddress(busy.getInetAddress(), busy.getLocalPort()), 200);
                } catch (java.net.SocketTimeoutException e) {
                    break;
                }
            }
            try (RawClient client = gateway.client()) {
                assertThat(client.send(GET).answer().status()).isEqualTo(502);
            }
            isWell();
        } finally {
            for (Socket other : others) {
                other.close();
            }
        }
    }

    @Test
    void whoTakesNoConnectionOnAUnixSocketIsNotGone(@TempDir Path folder) throws Exception {
        try (BusySocket busy = new BusySocket(folder.resolve("s"))) {
            busy(new InstanceAddress.UnixSocket(busy.path()));
            try (RawClient client = gateway.client()) {
                RawClient.Answer answer = client.send(GET).answer();
                assertThat(answer.status()).isEqualTo(502);
                assertThat(answer.text()).contains("took no connection in time");
            }
            isWell();
        }
    }

    @Test
    void whoTakesAConnectionOnAUnixSocketLaterIsAskedThen(@TempDir Path folder) throws Exception {
        try (BusySocket busy = new BusySocket(folder.resolve("s"))) {
            gateway.leases.at(new InstanceAddress.UnixSocket(busy.path()));
            try (RawClient client = gateway.client()) {
                client.send(GET);
                Wait.until("it is on its way", () -> gateway.leases.granted() > 0);
                Thread.sleep(Duration.ofMillis(100)); // Longer than it takes to be turned away twice.
                busy.serve("late");
                assertThat(client.answer().text()).isEqualTo("late");
            }
            isWell();
        }
    }

    @Test
    void whoRefusesConnectionsMustNotServeAgain() throws Exception {
        gateway.raw(_ -> {});
        gateway.instance().close();
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).answer().status()).isEqualTo(502);
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isEqualTo(2);
    }

    @Test
    void whoHasDiedIsSaidSo() throws Exception {
        gateway.leases.allDied(DeathReason.OOM_KILLED);
        gateway.raw(RawInstance.Talk::head);
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("oom-killed");
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isEqualTo(1);
    }
}
