package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Nobody can send faster than the other side reads: what has left the sender while nothing is read is what the sockets' buffers
 * hold, far less than all. Once it is read, all of it comes.
 */
final class BackPressureIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String UPGRADE = "GET / HTTP/1.1\r\n" + HOST + "Connection: upgrade\r\nUpgrade: x\r\n\r\n";
    private static final String SWITCHING =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    private static final long ALL = 40_000_000;

    /** Buffers of four ends of sockets, each of which the kernel lets grow to some megabytes. */
    private static final long HELD_MAX = 24_000_000;

    private static final byte[] PART = new byte[100_000];
    private static final String PART_TEXT = "x".repeat(PART.length);

    private final Gateway gateway = Gateway.start();
    private final CountDownLatch reads = new CountDownLatch(1);

    /** Bytes that the sender got rid of. */
    private final AtomicLong sent = new AtomicLong();

    /** Bytes that the reader got, once it read. */
    private final CompletableFuture<Long> got = new CompletableFuture<>();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws Exception {
        reads.countDown();
        gateway.close();
    }

    private void serve(boolean unix, RawInstance.Script script) throws Exception {
        if (unix) {
            gateway.rawOn(folder.resolve("s"), script);
        } else {
            gateway.raw(script);
        }
    }

    private void sendAll(RawInstance.Talk talk) throws Exception {
        while (sent.get() < ALL) {
            talk.say(PART_TEXT);
            sent.addAndGet(PART.length);
        }
    }

    private void sendAll(RawClient client) throws Exception {
        while (sent.get() < ALL) {
            client.send(PART);
            sent.addAndGet(PART.length);
        }
    }

    /** Reads nothing until it may. */
    private void readLate(RawInstance.Talk talk, String head) throws Exception {
        reads.await();
        if (head.startsWith("POST") && talk.body(head)) {
            got.complete(talk.bytes.get());
        } else {
            talk.countToEnd();
            got.complete(talk.bytes.get());
        }
    }

    private void theSenderStandsUntilItIsRead() throws Exception {
        Background.stalls("the sender", sent);
        assertThat(sent).hasValueLessThan(HELD_MAX);
        assertThat(gateway.calls).isEmpty();
        reads.countDown();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anInstanceAnswersNoFasterThanItsCallerReads(boolean unix) throws Exception {
        serve(unix, talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: " + ALL + "\r\n\r\n");
            sendAll(talk);
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send("GET / HTTP/1.1\r\n" + HOST + "\r\n").line()).contains("200");
            client.skipHead();
            theSenderStandsUntilItIsRead();
            assertThat(client.count(ALL)).isEqualTo(ALL);
        }
        assertThat(gateway.onlyCall().bytesOut()).isEqualTo(ALL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aCallerSendsItsBodyNoFasterThanItsInstanceReads(boolean unix) throws Exception {
        serve(unix, talk -> {
            String head = talk.head();
            if (head != null) {
                readLate(talk, head);
                talk.say(RawInstance.ok("all"));
            }
        });
        try (RawClient client = gateway.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: " + ALL + "\r\n\r\n");
            CompletableFuture<Void> sends = Background.run(() -> sendAll(client));
            theSenderStandsUntilItIsRead();
            assertThat(client.answer().text()).isEqualTo("all");
            assertThat(sends).succeedsWithin(Duration.ofSeconds(Wait.SECONDS_MAX));
        }
        assertThat(got).isCompletedWithValue(ALL);
        assertThat(gateway.onlyCall().bytesIn()).isEqualTo(ALL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTunnelTakesNoMoreFromItsCallerThanItsInstanceReads(boolean unix) throws Exception {
        serve(unix, talk -> {
            String head = talk.head();
            if (head != null) {
                talk.say(SWITCHING);
                readLate(talk, head);
            }
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(UPGRADE).answer().status()).isEqualTo(101);
            CompletableFuture<Void> sends = Background.run(() -> {
                sendAll(client);
                client.end();
            });
            theSenderStandsUntilItIsRead();
            assertThat(got).succeedsWithin(Duration.ofSeconds(Wait.SECONDS_MAX)).isEqualTo(ALL);
            assertThat(sends).succeedsWithin(Duration.ofSeconds(Wait.SECONDS_MAX));
        }
        assertThat(gateway.onlyCall().bytesIn()).isEqualTo(ALL);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aTunnelTakesNoMoreFromItsInstanceThanItsCallerReads(boolean unix) throws Exception {
        serve(unix, talk -> {
            talk.head();
            talk.say(SWITCHING);
            sendAll(talk);
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(UPGRADE).answer().status()).isEqualTo(101);
            theSenderStandsUntilItIsRead();
            assertThat(client.count(ALL)).isEqualTo(ALL);
        }
        assertThat(gateway.onlyCall().bytesOut()).isEqualTo(ALL);
    }
}
