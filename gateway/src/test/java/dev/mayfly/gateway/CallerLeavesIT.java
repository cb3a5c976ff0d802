package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.pool.api.InstanceAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller may vanish whatever its call is at: the call ends at once, and all that it held is given back, unharmed. */
final class CallerLeavesIT {
    private static final String HOST = "Host: " + Gateway.HOST + "\r\n";
    private static final String GET = "GET / HTTP/1.1\r\n" + HOST + "\r\n";
    private static final Duration LONG = Duration.ofMinutes(10);

    private final Gateway gateway =
            new Gateway(Gateway.config(new CallLimits(LONG, LONG, 1_000_000, LONG, LONG, 5)), Gateway.limits(50, LONG));

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws Exception {
        gateway.close();
    }

    private static void leave(RawClient client, boolean reset) throws Exception {
        if (reset) {
            client.abort();
        } else {
            client.close();
        }
    }

    /** The call has ended with this status, and no instance is blamed. */
    private CallRecord leftWith(int status) throws Exception {
        CallRecord call = gateway.onlyCall();
        assertThat(call.status()).isEqualTo(status);
        assertThat(call.failure()).isNull();
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
        return call;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileItWaitsForAPlace(boolean reset) throws Exception {
        gateway.leases.hold();
        RawClient client = gateway.client().send(GET);
        Wait.until("it waits", () -> gateway.leases.waiting() == 1);
        leave(client, reset);
        leftWith(CallRecord.CALLER_LEFT);
        assertThat(gateway.leases.abandoned()).isEqualTo(1);
        assertThat(gateway.leases.granted()).isZero();
    }

    @Test
    void inTheMomentInWhichItIsGivenAPlace() throws Exception {
        gateway.raw(RawInstance.Talk::head);
        gateway.leases.holdAndCross();
        RawClient client = gateway.client().send(GET);
        Wait.until("it waits", () -> gateway.leases.waiting() == 1);
        client.close();
        assertThat(gateway.onlyCall().status()).isEqualTo(CallRecord.CALLER_LEFT);
        assertThat(gateway.leases.abandoned()).isEqualTo(1);
        gateway.leases.release();
        Wait.until("the late place is given", () -> gateway.leases.granted() == 1);
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isZero();
        assertThat(gateway.instance().talks()).isEmpty();
        assertThat(gateway.calls).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileItsInstanceTakesNoConnection(boolean reset) throws Exception {
        try (BusySocket busy = new BusySocket(folder.resolve("s"))) {
            gateway.leases.at(new InstanceAddress.UnixSocket(busy.path()));
            RawClient client = gateway.client().send(GET);
            Wait.until("it has a lease", () -> gateway.leases.granted() == 1);
            leave(client, reset);
            leftWith(CallRecord.CALLER_LEFT);
            busy.serve("nobody's");
            Wait.until(
                    "the late connection is made and closed",
                    () -> busy.taken() == busy.waiting() + 1 && busy.over() == 1);
            assertThat(busy.asked()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inTheMiddleOfItsBody(boolean reset) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.readToEnd();
        });
        RawClient client = gateway.client().send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 100\r\n\r\npart");
        Wait.until("it has come", () -> gateway.instance().seen("part"));
        leave(client, reset);
        assertThat(leftWith(CallRecord.CALLER_LEFT).bytesIn()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void beforeItsAnswer(boolean reset) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        gateway.raw(talk -> {
            talk.head();
            if (talk.ended()) {
                ended.countDown(); // It is told that nobody waits.
            }
        });
        RawClient client = gateway.client().send(GET);
        Wait.until("it is asked", () -> !gateway.instance().requests().isEmpty());
        leave(client, reset);
        leftWith(CallRecord.CALLER_LEFT);
        assertThat(ended.getCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inTheMiddleOfItsAnswer(boolean reset) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nsome");
            talk.ended();
        });
        RawClient client = gateway.client().send(GET);
        assertThat(client.line()).contains("201");
        client.skipHead();
        client.read(4);
        leave(client, reset);
        assertThat(leftWith(201).bytesOut()).isEqualTo(4);
    }

    @Test
    void whileThePoolIsAskedWhyItsInstanceBrokeOff() throws Exception {
        gateway.raw(RawInstance.Talk::head);
        RawClient client = gateway.client().send(GET);
        Wait.until("it has broken off", () -> gateway.instance().closed());
        client.close();
        leftWith(CallRecord.CALLER_LEFT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inATunnel(boolean reset) throws Exception {
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nhello");
            talk.readToEnd();
        });
        RawClient client =
                gateway.client().send("GET / HTTP/1.1\r\n" + HOST + "Connection: upgrade\r\nUpgrade: x\r\n\r\n");
        assertThat(client.answer().status()).isEqualTo(101);
        assertThat(client.read(5)).asString().isEqualTo("hello");
        client.send("bye");
        Wait.until("it has come", () -> gateway.instance().seen("bye"));
        leave(client, reset);
        CallRecord call = leftWith(101);
        assertThat(call.bytesIn()).isEqualTo(3);
        assertThat(call.bytesOut()).isEqualTo(5);
    }
}
