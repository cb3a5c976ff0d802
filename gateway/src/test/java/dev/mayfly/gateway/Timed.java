package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.forward.CallLimits;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

/** A gateway whose clock stands still unless a test moves it. Its timers are far from each other. */
abstract class Timed {
    static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    static final String GET = "GET / HTTP/1.1\r\n" + HOST + "\r\n";
    static final String UPGRADE = "GET / HTTP/1.1\r\n" + HOST + "Connection: upgrade\r\nUpgrade: x\r\n\r\n";
    static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";

    static final Duration QUEUE = Duration.ofSeconds(30);
    static final Duration IDLE = Duration.ofSeconds(20);
    static final Duration TOTAL = Duration.ofSeconds(200);
    static final Duration CONNECT = Duration.ofSeconds(1);
    static final Duration DEATH = Duration.ofMillis(500);
    static final Duration HEAD = Duration.ofSeconds(10);
    static final Duration KEEP_ALIVE = Duration.ofSeconds(60);
    static final Duration START = Gateway.limits(1, TOTAL).startTimeout();
    static final Duration NEVER = Duration.ofMinutes(50);
    static final Duration A_LITTLE = Duration.ofMillis(1);

    Gateway gateway = start(new CallLimits(QUEUE, IDLE, 1L << 30, CONNECT, DEATH, 5), 50, TOTAL);

    static Gateway start(CallLimits calls, int concurrency, Duration total) {
        return Gateway.startTimed(Gateway.config(calls, 1_000, HEAD, KEEP_ALIVE), Gateway.limits(concurrency, total));
    }

    void restart(CallLimits calls, int concurrency, Duration total) throws Exception {
        gateway.close();
        gateway = start(calls, concurrency, total);
    }

    /** No timer but the total one runs out in time. */
    void restartWithTotalAlone(int concurrency) throws Exception {
        restart(new CallLimits(NEVER, NEVER, 1L << 30, NEVER, NEVER, 5), concurrency, TOTAL);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    void isAsked() throws InterruptedException {
        Wait.until("the instance is asked", () -> !gateway.instance().requests().isEmpty());
    }

    /** The call is there until the time has passed, and has ended a little later. */
    CallRecord endsRightAfter(Duration time) throws InterruptedException {
        gateway.pass(time);
        assertThat(gateway.calls).as("after " + time).isEmpty();
        gateway.pass(A_LITTLE);
        assertThat(gateway.calls).as("right after " + time).hasSize(1);
        return gateway.calls.remove();
    }

    void isWell() throws InterruptedException {
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
    }

    static void refused(RawClient client, int status, String code) throws Exception {
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.text()).contains("\"" + code + "\"");
    }

    static void closed(RawClient client) throws Exception {
        assertThat(client.closedWithin(Wait.SECONDS_MAX * 1_000)).as("closed").isTrue();
    }

    boolean passes(Duration by) {
        try {
            gateway.pass(by);
            return true;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
