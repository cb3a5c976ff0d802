package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the gateway asks of the pool, and what it tells the caller of it. */
final class LeasesIT {
    private static final String GET = "GET / HTTP/1.1\r\nHost: " + Gateway.HOST + "\r\n\r\n";

    private final Gateway gateway = Gateway.start();

    @BeforeEach
    void startApp() throws Exception {
        gateway.app(request -> request.response().end("ok"));
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @Test
    void aCallerThatLeavesGivesItsPlaceInTheQueueBack() throws Exception {
        gateway.leases.hold();
        try (RawClient client = new RawClient(gateway.server.port())) {
            client.send(GET);
            Wait.until("the call waits", () -> gateway.leases.waiting() == 1);
        }
        Wait.until("it gave up", () -> gateway.leases.abandoned() == 1);
        assertThat(gateway.leases.waiting()).isZero();
        assertThat(gateway.leases.granted()).isZero();
    }

    @Test
    void aCallThatWasAnsweredGivesUpNothing() throws Exception {
        try (RawClient client = new RawClient(gateway.server.port())) {
            assertThat(client.send(GET).answer().status()).isEqualTo(200);
        }
        Wait.until("its lease ends", () -> gateway.leases.ended() == 1);
        assertThat(gateway.leases.abandoned()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerTellsWhatItMetAndWhereTheTimeWent(StartKind kind) throws Exception {
        gateway.leases.prepare(gateway.leases.leased(kind, Duration.ofMillis(12)));
        try (RawClient client = new RawClient(gateway.server.port())) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.header("mayfly-start")).isEqualTo(kind.name().toLowerCase(Locale.ROOT));
            assertThat(answer.header("server-timing"))
                    .contains(kind.waitedForStart() ? "start;dur=12.0" : "queue;dur=12.0");
        }
    }
}
