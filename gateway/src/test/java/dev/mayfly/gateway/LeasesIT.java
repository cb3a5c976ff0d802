package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.runtime.problem.Problems;
import java.time.Duration;
import java.util.List;
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

    @ParameterizedTest
    @EnumSource
    void soDoesTheAnswerInPlaceOfAnInstanceThatBrokeOff(StartKind kind) throws Exception {
        gateway.app(request -> request.connection().close());
        gateway.leases.allDied(DeathReason.OOM_KILLED);
        gateway.leases.prepare(gateway.leases.leased(kind, Duration.ofMillis(12)));
        try (RawClient client = new RawClient(gateway.server.port())) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.header("mayfly-start")).isEqualTo(kind.wireName());
            assertThat(answer.header("mayfly-instance")).startsWith("ins_fake");
            assertThat(answer.header("server-timing"))
                    .contains(kind.waitedForStart() ? "start;dur=12.0" : "queue;dur=12.0")
                    .contains("run;dur=");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"COLD", "POOL"})
    void aStartThatFailedIsWhatTheRequestMet(StartKind kind) throws Exception {
        gateway.leases.prepare(new LeaseOutcome.StartFailed("ins_bad", kind, ErrorCode.START_FAILED, "exit code 3"));
        try (RawClient client = new RawClient(gateway.server.port())) {
            RawClient.Answer answer = client.send(GET).answer();
            assertThat(answer.status()).isEqualTo(Problems.status(ErrorCode.START_FAILED));
            assertThat(answer.header("mayfly-start")).isEqualTo(kind.wireName());
            assertThat(answer.header("mayfly-instance")).isEqualTo("ins_bad");
            assertThat(answer.header("server-timing")).startsWith("queue;dur=0.0, start;dur=");
        }
    }

    @Test
    void whoMeetsNothingIsToldOnlyOfTheTime() throws Exception {
        gateway.leases.prepare(
                new LeaseOutcome.StartFailed("", StartKind.COLD, ErrorCode.START_FAILED, "exit code 3, again"));
        gateway.leases.prepare(
                new LeaseOutcome.Saturated(ErrorCode.QUEUE_FULL, "too many wait", Duration.ofSeconds(1)));
        try (RawClient client = new RawClient(gateway.server.port())) {
            for (String request : List.of(GET, GET, GET.replace(Gateway.HOST, "nobody.localhost"))) {
                RawClient.Answer answer = client.send(request).answer();
                assertThat(answer.status()).isGreaterThanOrEqualTo(404);
                assertThat(answer.header("mayfly-start")).isEmpty();
                assertThat(answer.header("mayfly-instance")).isEmpty();
                assertThat(answer.header("server-timing")).startsWith("queue;dur=");
            }
        }
    }
}
