package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * One connection takes its turn of the event loop and no more. Everything here is on one loop; what is measured is order: how
 * many others are answered while the flood is on its way.
 */
final class FloodIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final int CHUNKS = 500_000;

    /** In as many turns as a flood takes a neighbour is answered more often than this, if each turn is short. */
    private static final int NEIGHBOURS_MIN = 20;

    private final Gateway gateway = Gateway.startOnOneLoop();

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private static void serve(RawInstance.Talk talk) throws IOException {
        for (String head = talk.head(); head != null; head = talk.head()) {
            if (head.startsWith("GET /chunks")) {
                talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                String part = "1\r\nx\r\n".repeat(10_000);
                for (int i = 0; i < CHUNKS; i += 10_000) {
                    talk.say(part);
                }
                talk.say("0\r\n\r\n");
            } else if (head.startsWith("GET /tunnel")) {
                talk.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
                while (!talk.ended()) {
                    talk.bytes.incrementAndGet();
                }
            } else if (talk.body(head)) {
                talk.say(RawInstance.ok("done"));
            }
        }
    }

    /** How often somebody else is answered until this is over. */
    private int neighboursDuring(AtomicBoolean over) throws IOException {
        int answered = 0;
        try (RawClient neighbour = gateway.client()) {
            while (!over.get()) {
                neighbour.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
                assertThat(neighbour.answer().text()).isEqualTo("done");
                answered++;
            }
        }
        return answered;
    }

    @Test
    void aRequestOfManySmallChunksLetsNeighboursPassAndReachesTheInstanceInFewer() throws Exception {
        gateway.raw(FloodIT::serve);
        AtomicBoolean over = new AtomicBoolean();
        byte[] flood = ("1\r\nx\r\n".repeat(CHUNKS) + "0\r\n\r\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        try (RawClient hostile = gateway.client()) {
            hostile.send("POST /chunks HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n");
            CountDownLatch sending = new CountDownLatch(1);
            Thread sends = Thread.ofVirtual().start(() -> {
                try {
                    sending.countDown();
                    hostile.send(flood);
                    hostile.answer();
                } catch (IOException e) {
                    throw new AssertionError(e);
                } finally {
                    over.set(true);
                }
            });
            sending.await();
            assertThat(neighboursDuring(over)).isGreaterThan(NEIGHBOURS_MIN);
            sends.join();
        }
        RawInstance.Talk flooded = gateway.instance().talks().stream()
                .filter(talk -> talk.requests.contains("POST /chunks"))
                .findAny()
                .orElseThrow();
        assertThat(flooded.bytes.get()).isEqualTo(CHUNKS);
        assertThat(flooded.chunks.get()).isLessThan(CHUNKS / 100);
    }

    @Test
    void anAnswerOfManySmallChunksLetsNeighboursPassAndReachesTheCallerInFewer() throws Exception {
        gateway.raw(FloodIT::serve);
        AtomicBoolean over = new AtomicBoolean();
        int[] got = {0, 0};
        try (RawClient hostile = gateway.client()) {
            hostile.send("GET /chunks HTTP/1.1\r\n" + HOST + "\r\n");
            Thread reads = Thread.ofVirtual().start(() -> {
                try {
                    while (!hostile.line().isEmpty()) {
                        // The head.
                    }
                    for (int size = Integer.parseInt(hostile.line(), 16);
                            size > 0;
                            size = Integer.parseInt(hostile.line(), 16)) {
                        got[0]++;
                        got[1] += hostile.read(size).length;
                        hostile.line();
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                } finally {
                    over.set(true);
                }
            });
            assertThat(neighboursDuring(over)).isGreaterThan(NEIGHBOURS_MIN);
            reads.join();
        }
        assertThat(got[1]).isEqualTo(CHUNKS);
        assertThat(got[0]).isLessThan(CHUNKS / 100);
    }

    @Test
    void aTunnelLetsNeighboursPass() throws Exception {
        gateway.raw(FloodIT::serve);
        AtomicBoolean over = new AtomicBoolean();
        byte[] part = new byte[100_000];
        try (RawClient hostile = gateway.client()) {
            hostile.send("GET /tunnel HTTP/1.1\r\n" + HOST + "Connection: upgrade\r\nUpgrade: x\r\n\r\n");
            assertThat(hostile.answer().status()).isEqualTo(101);
            RawInstance.Talk tunnel = gateway.instance().talks().getFirst();
            Thread sends = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 200; i++) {
                        hostile.send(part);
                    }
                    Wait.until("all has come", () -> tunnel.bytes.get() == 200L * part.length);
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                } finally {
                    over.set(true);
                }
            });
            assertThat(neighboursDuring(over)).isGreaterThan(NEIGHBOURS_MIN);
            sends.join();
            assertThat(tunnel.bytes.get()).isEqualTo(200L * part.length);
        }
    }
}
