package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.instance.AnswerListener;
import dev.mayfly.gateway.instance.Exchange;
import dev.mayfly.gateway.instance.Instances;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One exchange with a raw instance, without callers and leases. */
final class ExchangeIT {
    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void stop() throws Exception {
        vertx.close().await(Wait.SECONDS_MAX, TimeUnit.SECONDS);
    }

    /** Leaves with the first bytes of the body. */
    private record Leaver(Exchange exchange, CompletableFuture<Boolean> free) implements AnswerListener {
        @Override
        public void head(HttpResponse head) {}

        @Override
        public void body(Buffer chunk) {
            exchange.leave(System.nanoTime() + Duration.ofMinutes(1).toNanos(), free::complete);
        }

        @Override
        public void end(HttpHeaders trailers) {
            free.completeExceptionally(new AssertionError("told of the end after it had left"));
        }

        @Override
        public void drained() {}

        @Override
        public void broken(Throwable cause) {
            free.completeExceptionally(cause);
        }
    }

    @Test
    void anInstanceIsFreeIfItIsLeftWithTheLastBytesOfItsAnswer() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        CompletableFuture<Boolean> silent = new CompletableFuture<>();
        try (RawInstance instance = RawInstance.onTcp(talk -> {
            talk.head();
            talk.say(RawInstance.ok("all of it"));
            if (talk.head() == null) {
                talk.say("."); // Fails once the gateway has closed, not only ended what it sends.
                closed.countDown();
            }
        })) {
            vertx.runOnContext(_ -> new Instances(vertx, System::nanoTime, Duration.ofSeconds(5), 1)
                    .open("i", instance.address())
                    .onFailure(silent::completeExceptionally)
                    .onSuccess(exchange -> exchange.send(
                            HttpMethod.GET,
                            "/",
                            new DefaultHttpHeaders().set("host", "x"),
                            true,
                            new Leaver(exchange, silent))));
            assertThat(silent.get(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isFalse();
            assertThat(closed.await(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
        }
    }
}
