package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.LeaseOutcome;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whoever asks whether to send a body is told to when an instance is there to take it, and not before. */
final class ContinueIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String HEAD =
            "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n";

    private final Gateway gateway = Gateway.start();

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void echo() throws Exception {
        gateway.app(asked -> asked.bodyHandler(body -> asked.response().end(body)));
    }

    @Test
    void theBodyIsAskedForOnceAnInstanceIsThere() throws Exception {
        echo();
        gateway.leases.hold();
        try (RawClient client = gateway.client()) {
            client.send(HEAD);
            Wait.until("it waits", () -> gateway.leases.waiting() == 1);
            assertThat(client.available()).isZero();
            gateway.leases.release();
            assertThat(client.answer().status()).isEqualTo(100);
            assertThat(client.send("body").answer().text()).isEqualTo("body");
        }
    }

    @Test
    void theBodyMayComeUnasked() throws Exception {
        echo();
        try (RawClient client = gateway.client()) {
            client.send(HEAD + "body");
            assertThat(client.answer().status()).isEqualTo(100);
            assertThat(client.answer().text()).isEqualTo("body");
        }
    }

    @Test
    void whoGetsNoPlaceIsNotAskedForABody() throws Exception {
        gateway.leases.prepare(
                new LeaseOutcome.Saturated(ErrorCode.QUEUE_FULL, "too many wait", Duration.ofSeconds(1)));
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(HEAD).answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("connection"))
                    .as("the body may still come")
                    .isEqualTo("close");
        }
    }

    @Test
    void theInstanceIsNotAskedAgainWhetherItWantsTheBody() throws Exception {
        gateway.raw(talk -> {
            String head = talk.head();
            if (head != null && talk.body(head)) {
                talk.say(
                        RawInstance.ok(head.toLowerCase(java.util.Locale.ROOT).contains("expect") ? "asked" : "given"));
            }
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(HEAD).answer().status()).isEqualTo(100);
            assertThat(client.send("body").answer().text()).isEqualTo("given");
        }
    }

    @Test
    void aCallerOfHttp10IsNotAsked() throws Exception {
        echo();
        try (RawClient client = gateway.client()) {
            client.send(HEAD.replace("HTTP/1.1", "HTTP/1.0") + "body");
            RawClient.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).isEqualTo("body");
        }
    }
}
