package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * One connection takes its turn of the event loop and no more. Everything here is on one loop; what is measured is how far a
 * flood without end gets while a neighbour is answered once.
 */
final class FloodIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String CHUNK = "1\r\nx\r\n";
    private static final int PART_CHUNKS = 1_000;
    private static final String PART = CHUNK.repeat(PART_CHUNKS);
    private static final int NEIGHBOURS = 41;

    /**
     * Bytes that the flood's sender gets rid of while a neighbour is answered, in most cases: they leave in lumps, as the sockets'
     * buffers empty. Where a turn is all that has come, it is more than a megabyte every time.
     */
    private static final long BYTES_MAX = 512 * 1024;

    private final Gateway gateway = Gateway.startOnOneLoop();

    /** Bytes of the flood that have been sent. */
    private final AtomicLong sent = new AtomicLong();

    private final AtomicBoolean enough = new AtomicBoolean();

    @AfterEach
    void stop() throws Exception {
        enough.set(true);
        gateway.close();
    }

    private void serve(RawInstance.Talk talk) throws IOException {
        for (String head = talk.head(); head != null; head = talk.head()) {
            if (head.startsWith("GET /chunks")) {
                talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                while (!enough.get()) {
                    talk.say(PART);
                    sent.addAndGet(PART.length());
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

    /** Sends this until it is enough. */
    private void flood(RawClient hostile, String part) throws IOException {
        byte[] bytes = part.getBytes(StandardCharsets.US_ASCII);
        while (!enough.get()) {
            hostile.send(bytes);
            sent.addAndGet(bytes.length);
        }
    }

    /** Others are answered while the flood is on its way, and it gets no further meanwhile than its turns allow. */
    private void neighboursPass() throws Exception {
        Wait.until("the flood has begun", () -> sent.get() > 10 * BYTES_MAX);
        long[] during = new long[NEIGHBOURS];
        try (RawClient neighbour = gateway.client()) {
            for (int i = 0; i < NEIGHBOURS; i++) {
                long before = sent.get();
                neighbour.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
                assertThat(neighbour.answer().text()).isEqualTo("done");
                during[i] = sent.get() - before;
            }
        }
        long still = sent.get();
        Wait.until("the flood goes on", () -> sent.get() > still);
        enough.set(true);
        Arrays.sort(during);
        assertThat(during[NEIGHBOURS / 2]).isLessThan(BYTES_MAX);
    }

    @Test
    void aRequestOfManySmallChunksLetsNeighboursPassAndReachesTheInstanceInFewer() throws Exception {
        gateway.raw(this::serve);
        try (RawClient hostile = gateway.client()) {
            hostile.send("POST /chunks HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n");
            CompletableFuture<Integer> status = Background.get(() -> {
                flood(hostile, PART);
                return hostile.send("0\r\n\r\n").answer().status();
            });
            neighboursPass();
            assertThat(status.get(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isEqualTo(200);
        }
        RawInstance.Talk flooded = gateway.instance().talks().stream()
                .filter(talk -> talk.requests.contains("POST /chunks"))
                .findAny()
                .orElseThrow();
        long chunks = sent.get() / CHUNK.length();
        assertThat(flooded.bytes.get()).isEqualTo(chunks);
        assertThat(flooded.chunks.longValue()).isLessThan(chunks / 100);
    }

    @Test
    void anAnswerOfManySmallChunksLetsNeighboursPassAndReachesTheCallerInFewer() throws Exception {
        gateway.raw(this::serve);
        AtomicLong chunks = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        try (RawClient hostile = gateway.client()) {
            hostile.send("GET /chunks HTTP/1.1\r\n" + HOST + "\r\n");
            CompletableFuture<Integer> read = Background.get(() -> {
                while (!hostile.line().isEmpty()) {
                    // The head.
                }
                int size = Integer.parseInt(hostile.line(), 16);
                while (size > 0) {
                    chunks.incrementAndGet();
                    bytes.addAndGet(hostile.read(size).length);
                    hostile.line();
                    size = Integer.parseInt(hostile.line(), 16);
                }
                return size;
            });
            neighboursPass();
            assertThat(read.get(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isZero();
        }
        assertThat(bytes.get()).isEqualTo(sent.get() / CHUNK.length());
        assertThat(chunks.get()).isLessThan(bytes.get() / 100);
    }

    @Test
    void aTunnelLetsNeighboursPass() throws Exception {
        gateway.raw(this::serve);
        try (RawClient hostile = gateway.client()) {
            hostile.send("GET /tunnel HTTP/1.1\r\n" + HOST + "Connection: upgrade\r\nUpgrade: x\r\n\r\n");
            assertThat(hostile.answer().status()).isEqualTo(101);
            RawInstance.Talk tunnel = gateway.instance().talks().getFirst();
            CompletableFuture<Integer> status = Background.get(() -> {
                flood(hostile, "x".repeat(10_000));
                return 0;
            });
            neighboursPass();
            status.get(Wait.SECONDS_MAX, TimeUnit.SECONDS);
            Wait.until("all has come", () -> tunnel.bytes.get() == sent.get());
        }
    }
}
