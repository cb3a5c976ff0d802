package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.calls.CallSink;
import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.gateway.routing.RouteTable;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.metrics.Metrics;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is turned away at the door and how, what a gateway tells of itself, and how it starts and stops. */
final class DoorIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String GET = "GET / HTTP/1.1\r\n" + HOST + "\r\n";

    private Gateway gateway = start(3, 2, 2);

    private static Gateway start(int connectionsMax, int inFlightMax, int perApp) {
        GatewayConfig d = Gateway.config(Gateway.limits(Duration.ofMinutes(1), Duration.ofMinutes(1), 1_000));
        return new Gateway(
                new GatewayConfig(
                        d.host(),
                        0,
                        1,
                        connectionsMax,
                        d.headerBytesMax(),
                        d.headersMax(),
                        d.uriBytesMax(),
                        d.headTimeout(),
                        d.keepAlive(),
                        inFlightMax,
                        perApp,
                        d.drainTimeout(),
                        d.calls()),
                Limits.DEFAULTS);
    }

    private void restart(int connectionsMax, int inFlightMax, int perApp) throws Exception {
        gateway.close();
        gateway = start(connectionsMax, inFlightMax, perApp);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private void refused(String request, int status, String code) throws Exception {
        try (RawClient client = gateway.client()) {
            RawClient.Answer answer = client.send(request).answer();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.text()).contains("\"" + code + "\"");
            assertThat(answer.header("x-request-id")).startsWith("req_");
            assertThat(answer.header("server-timing")).isNotEmpty();
        }
    }

    @Test
    void aHostWithoutAnAppIsNotFound() throws Exception {
        refused(GET.replace(Gateway.HOST, "nobody.example"), 404, "route.not_found");
    }

    @Test
    void anAppThatWasNeverDeployedSaysHowToDeployIt() throws Exception {
        gateway.routes.putNotDeployed("new.example", AppRef.of("local", "new"));
        refused(GET.replace(Gateway.HOST, "new.example"), 404, "app.not_deployed");
    }

    @Test
    void aBodyThatIsAnnouncedAboveTheLimitIsNotReadAtAll() throws Exception {
        refused("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1001\r\n\r\n", 413, "request.too_large");
        assertThat(gateway.leases.granted()).isZero();
    }

    @Test
    void aRequestLineOrHeadThatIsTooLongIsNotRead() throws Exception {
        refused("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\n" + HOST + "\r\n", 414, "request.uri_too_long");
        refused(
                "GET / HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(17_000) + "\r\n\r\n",
                431,
                "request.headers_too_large");
        refused("GET / HTTP/1.1\r\n" + HOST + "X: y\r\n".repeat(100) + "\r\n", 431, "request.headers_too_large");
    }

    @Test
    void moreCallsThanAnAppMayHaveAreTurnedAway() throws Exception {
        restart(10, 10, 2);
        tooMany(429, "rate.limited");
    }

    @Test
    void moreCallsThanTheGatewayMayHaveAreTurnedAway() throws Exception {
        tooMany(503, "capacity.exhausted");
    }

    private void tooMany(int status, String code) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.say(RawInstance.ok("in time"));
        });
        gateway.leases.hold();
        try (RawClient first = gateway.client();
                RawClient second = gateway.client()) {
            first.send(GET);
            second.send(GET);
            Wait.until("two calls wait", () -> gateway.leases.waiting() == 2);
            refused(GET, status, code);
            gateway.leases.release();
            assertThat(first.answer().text()).isEqualTo("in time");
            assertThat(second.answer().text()).isEqualTo("in time");
            gateway.onlyCall();
        }
        try (RawClient later = gateway.client()) {
            assertThat(later.send(GET).answer().text())
                    .as("there is room again")
                    .isEqualTo("in time");
        }
    }

    @Test
    void moreConnectionsThanOneLoopMayHaveAreClosed() throws Exception {
        restart(1, 10, 10);
        gateway.routes.remove(Gateway.HOST);
        try (RawClient only = gateway.client()) {
            assertThat(only.send(GET).answer().status()).isEqualTo(404);
            try (RawClient second = gateway.client()) {
                assertThat(second.closedWithin(Wait.SECONDS_MAX * 1_000)).isTrue();
            }
            assertThat(only.send(GET).answer().status()).isEqualTo(404);
        }
        Wait.until("there is room again", () -> {
            try (RawClient next = gateway.client()) {
                return next.send(GET).answer(false) != null;
            } catch (java.io.IOException e) {
                return false; // Closed, still.
            }
        });
    }

    @Test
    void aRecordThatCannotBeTakenHarmsNoCall() throws Exception {
        try (Metrics metrics = new Metrics()) {
            CallSink failing = _ -> {
                throw new IllegalStateException("full");
            };
            gateway.raw(talk -> {
                for (String head = talk.head(); head != null; head = talk.head()) {
                    talk.say(RawInstance.ok("ok"));
                }
            });
            GatewayConfig config = Gateway.config(CallLimits.DEFAULTS);
            try (GatewayServer other = GatewayServer.start(
                            gateway.vertx, config, gateway.routes, gateway.leases, failing, metrics.registry());
                    RawClient client = new RawClient(other.port())) {
                for (int i = 0; i < 3; i++) {
                    assertThat(client.send(GET).answer().text()).isEqualTo("ok");
                }
            }
        }
        gateway.allLeasesEnd();
    }

    @Test
    void callsAreCountedByAppAndOutcome() throws Exception {
        gateway.app(asked -> asked.response().setStatusCode(418).end());
        try (RawClient client = gateway.client()) {
            client.send(GET).answer();
        }
        CallRecord call = gateway.onlyCall();
        assertThat(call.totalMicros()).isPositive();
        assertThat(gateway.metrics
                        .registry()
                        .get("mayfly.http.requests")
                        .tag("app", "hello")
                        .tag("code_class", "4xx")
                        .counter()
                        .count())
                .isEqualTo(1);
        assertThat(gateway.metrics
                        .registry()
                        .get("mayfly.http.in.flight")
                        .gauge()
                        .value())
                .isZero();
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        GatewayConfig d = Gateway.config(CallLimits.DEFAULTS);
        GatewayConfig taken = new GatewayConfig(
                d.host(),
                gateway.server.port(),
                1,
                d.connectionsMax(),
                d.headerBytesMax(),
                d.headersMax(),
                d.uriBytesMax(),
                d.headTimeout(),
                d.keepAlive(),
                d.inFlightMax(),
                d.inFlightPerAppMax(),
                d.drainTimeout(),
                d.calls());
        io.vertx.core.Vertx other = io.vertx.core.Vertx.vertx(); // One shares its own ports.
        try (Metrics metrics = new Metrics()) {
            assertThatThrownBy(() -> GatewayServer.start(
                            other, taken, new RouteTable(), new FakeLeases(), CallSink.NONE, metrics.registry()))
                    .isInstanceOf(MayflyException.class)
                    .hasMessageContaining("gateway.port")
                    .hasMessageContaining(String.valueOf(gateway.server.port()));
        } finally {
            other.close();
        }
    }

    @Test
    void anEventLoopThatStandsIsToldOf() throws Exception {
        gateway.close();
        gateway = Gateway.startTimed(Gateway.config(CallLimits.DEFAULTS), Limits.DEFAULTS);
        assertThat(gateway.server.trouble()).isEmpty();
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch stands = new CountDownLatch(1);
        gateway.app(asked -> asked.response().end("ok"));
        gateway.leases.block(() -> {
            stands.countDown();
            go.await();
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            assertThat(stands.await(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isTrue();
            gateway.moveTime(Duration.ofSeconds(11));
            Wait.until(
                    "the other loop has looked",
                    () -> gateway.server.trouble().orElse("").startsWith("1 of 2 event loops"));
            go.countDown();
            Wait.until("it moves again", () -> gateway.server.trouble().isEmpty());
        }
    }

    @Test
    void aStopLetsTheAnswersUnderWayEnd() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        gateway.raw(talk -> {
            talk.head();
            done.await();
            talk.say(RawInstance.ok("in time"));
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Wait.until("it is asked", () -> !gateway.instance().requests().isEmpty());
            CompletableFuture<Void> stops = Background.run(gateway.server::close);
            Wait.until("it takes no more connections", () -> {
                try (RawClient late = gateway.client()) {
                    return late.closedWithin(100);
                } catch (java.io.IOException e) {
                    return true;
                }
            });
            done.countDown();
            assertThat(client.answer().text()).isEqualTo("in time");
            assertThat(stops).succeedsWithin(Duration.ofSeconds(Wait.SECONDS_MAX));
        }
        assertThat(gateway.onlyCall().failure()).isNull();
    }
}
