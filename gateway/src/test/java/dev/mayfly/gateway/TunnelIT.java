package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** After an upgrade all bytes of both sides arrive, and what is no proper upgrade is no answer. */
final class TunnelIT {
    private static final String UPGRADE =
            "GET / HTTP/1.1\r\nHost: " + Gateway.HOST + "\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
    private static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\n";

    private final Gateway gateway = Gateway.start();

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theLastBytesOfACallerReachAnInstanceThatReadsSlowlyAndKeepsTalking(boolean unix) throws Exception {
        CompletableFuture<Long> got = new CompletableFuture<>();
        RawInstance.Script slowly = talk -> {
            talk.head();
            talk.say(SWITCHING + "Connection: upgrade\r\nUpgrade: x\r\n\r\n");
            try {
                while (!talk.ended()) {
                    if (talk.bytes.incrementAndGet() % 10_000 == 0) {
                        Thread.sleep(Duration.ofMillis(5));
                        talk.say(".");
                    }
                }
            } finally {
                got.complete(talk.bytes.get());
            }
        };
        if (unix) {
            gateway.rawOn(folder.resolve("s"), slowly);
        } else {
            gateway.raw(slowly);
        }
        try (RawClient client = gateway.client()) {
            assertThat(client.send(UPGRADE).answer().status()).isEqualTo(101);
            client.send(new byte[1_000_000]).end();
            assertThat(got.get(Wait.SECONDS_MAX, TimeUnit.SECONDS)).isEqualTo(1_000_000);
        }
    }

    static Stream<String> noUpgrades() {
        return Stream.of(
                "Connection: upgrade\r\n\r\n",
                "Connection: upgrade\r\nUpgrade: x\r\na(b): c\r\n\r\n",
                "Connection: upgrade\r\nUpgrade: x\r\na: b\u0001\r\n\r\n",
                "Connection: upgrade\r\nUpgrade: x\r\n" + "a: b\r\n".repeat(200) + "\r\n");
    }

    @ParameterizedTest
    @MethodSource("noUpgrades")
    void whatIsNoUpgradeIsNoAnswer(String rest) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.say(SWITCHING + rest);
            talk.ended();
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(UPGRADE).answer().status()).isEqualTo(502);
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }
}
