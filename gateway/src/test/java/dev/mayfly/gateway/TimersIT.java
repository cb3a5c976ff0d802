package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.gateway.calls.CallRecord;
import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.InstanceAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each timer runs out right after its time, and not before. */
final class TimersIT extends Timed {
    @TempDir
    private Path folder;

    // Queue: until an instance is there, its start included.

    @Test
    void queueEndsACallThatGetsNoPlace() throws Exception {
        gateway.leases.hold();
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Wait.until("it waits", () -> gateway.leases.waiting() == 1);
            CallRecord call = endsRightAfter(QUEUE.plus(START));
            assertThat(call.failure()).isEqualTo(ErrorCode.QUEUE_TIMEOUT);
            assertThat(call.queueMicros()).isEqualTo(90_001_000);
            assertThat(call.instance()).isNull();
            refused(client, 503, "queue.timeout");
            assertThat(gateway.leases.abandoned()).isEqualTo(1);
        }
    }

    @Test
    void queueEndsACallWhoseInstanceTakesNoConnection() throws Exception {
        restart(new CallLimits(QUEUE, IDLE, 1_000, NEVER, DEATH, 5), 50, TOTAL);
        try (BusySocket busy = new BusySocket(folder.resolve("s"));
                RawClient client = gateway.client()) {
            gateway.leases.at(new InstanceAddress.UnixSocket(busy.path()));
            client.send(GET);
            Wait.until("it has a lease", () -> gateway.leases.granted() == 1);
            assertThat(endsRightAfter(QUEUE.plus(START)).failure()).isEqualTo(ErrorCode.QUEUE_TIMEOUT);
            refused(client, 503, "queue.timeout");
        }
        isWell();
    }

    @Test
    void queueIsOverOnceAnInstanceHasTheRequest() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        gateway.raw(talk -> {
            talk.head();
            done.await();
            talk.say(RawInstance.ok("slow"));
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            isAsked();
            gateway.pass(QUEUE.plus(START).plus(A_LITTLE));
            done.countDown();
            assertThat(client.answer().text()).isEqualTo("slow");
        }
    }

    // Connect: until an instance takes a connection.

    @Test
    void connectGivesThePlaceBackAndTriesOneMore() throws Exception {
        try (BusySocket busy = new BusySocket(folder.resolve("s"));
                RawClient client = gateway.client()) {
            gateway.leases.at(new InstanceAddress.UnixSocket(busy.path()));
            client.send(GET);
            Wait.until("it has a lease", () -> gateway.leases.granted() == 1);
            gateway.pass(CONNECT);
            Wait.until("it tries another", () -> gateway.leases.granted() == 2);
            gateway.pass(CONNECT);
            Wait.until("both have been given up", () -> passes(DEATH) && !gateway.calls.isEmpty());
            assertThat(client.answer().text()).contains("took no connection in time");
        }
        assertThat(gateway.leases.granted()).isEqualTo(2);
        isWell();
    }

    // Total: for the whole of it, whatever the call is at.

    @Test
    void totalEndsACallThatWaitsForAPlace() throws Exception {
        restartWithTotalAlone(1);
        gateway.leases.hold();
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Wait.until("it waits", () -> gateway.leases.waiting() == 1);
            assertThat(endsRightAfter(TOTAL).failure()).isEqualTo(ErrorCode.TOTAL_TIMEOUT);
            refused(client, 504, "total.timeout");
            assertThat(gateway.leases.abandoned()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void totalEndsACallWithoutAnAnswerAndAnInstanceThatServesOneAtATime(int concurrency) throws Exception {
        restartWithTotalAlone(concurrency);
        gateway.raw(talk -> {
            talk.head();
            talk.ended();
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            isAsked();
            CallRecord call = endsRightAfter(TOTAL);
            assertThat(call.failure()).isEqualTo(ErrorCode.TOTAL_TIMEOUT);
            assertThat(call.runMicros()).isEqualTo(200_001_000);
            assertThat(call.instance()).isEqualTo("ins_fake1");
            RawClient.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(504);
            assertThat(answer.header("mayfly-instance")).isEqualTo("ins_fake1");
            assertThat(answer.header("server-timing")).isEqualTo("queue;dur=0.0, start;dur=0.0, run;dur=200001.0");
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isEqualTo(concurrency == 1 ? 1 : 0);
    }

    @Test
    void totalCutsAnAnswerAndHarmsNobody() throws Exception {
        restartWithTotalAlone(1);
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
            talk.ended();
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(GET).line()).contains("200");
            CallRecord call = endsRightAfter(TOTAL);
            assertThat(call.status()).isEqualTo(200);
            assertThat(call.failure()).isEqualTo(ErrorCode.TOTAL_TIMEOUT);
            client.readAll();
        }
        isWell();
    }

    @Test
    void totalEndsACallWhoseCallerStillSends() throws Exception {
        restartWithTotalAlone(1);
        gateway.raw(talk -> {
            talk.head();
            talk.readToEnd();
        });
        try (RawClient client = gateway.client()) {
            client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 100\r\n\r\npart");
            isAsked();
            assertThat(endsRightAfter(TOTAL).failure()).isEqualTo(ErrorCode.TOTAL_TIMEOUT);
            refused(client, 504, "total.timeout");
            closed(client);
        }
        isWell();
    }

    @Test
    void totalEndsAStreamThatMoves() throws Exception {
        restartWithTotalAlone(1);
        gateway.raw(talk -> {
            talk.head();
            talk.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while (true) {
                talk.say("5\r\ndata\n\r\n");
            }
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            CompletableFuture<byte[]> got = Background.get(client::readAll);
            isAsked();
            assertThat(endsRightAfter(TOTAL).failure()).isEqualTo(ErrorCode.TOTAL_TIMEOUT);
            assertThat(got).succeedsWithin(Duration.ofSeconds(Wait.SECONDS_MAX));
        }
        isWell();
    }

    @Test
    void totalEndsATunnel() throws Exception {
        restartWithTotalAlone(1);
        gateway.raw(talk -> {
            talk.head();
            talk.say(SWITCHING);
            talk.ended();
        });
        try (RawClient client = gateway.client()) {
            assertThat(client.send(UPGRADE).answer().status()).isEqualTo(101);
            CallRecord call = endsRightAfter(TOTAL);
            assertThat(call.status()).isEqualTo(101);
            assertThat(call.failure()).isEqualTo(ErrorCode.TOTAL_TIMEOUT);
            closed(client);
        }
        isWell();
    }

    @Test
    void totalEndsACallWhoseInstanceIsLost() throws Exception {
        restartWithTotalAlone(1);
        gateway.raw(RawInstance.Talk::head);
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Wait.until("it has closed", () -> gateway.instance().closed());
            assertThat(endsRightAfter(TOTAL).failure()).isEqualTo(ErrorCode.TOTAL_TIMEOUT);
            refused(client, 504, "total.timeout");
        }
        gateway.allLeasesEnd();
    }

    // Death: how long the pool is asked why an instance broke off.

    @Test
    void deathIsWaitedForAndItsReasonTold() throws Exception {
        gateway.raw(RawInstance.Talk::head);
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Wait.until("it has closed", () -> gateway.instance().closed());
            gateway.pass(DEATH.minus(A_LITTLE));
            assertThat(gateway.calls).isEmpty();
            gateway.leases.allDied(DeathReason.OOM_KILLED);
            RawClient.Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.text()).contains("\"instance.died\"").contains("oom-killed");
        }
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isEqualTo(1);
    }

    @Test
    void deathIsNotWaitedForAnyLonger() throws Exception {
        gateway.raw(RawInstance.Talk::head);
        try (RawClient client = gateway.client()) {
            client.send(GET);
            Wait.until("it has closed", () -> gateway.instance().closed());
            Wait.until("the call ends", () -> passes(DEATH) && !gateway.calls.isEmpty());
            refused(client, 502, "response.invalid");
        }
        isWell();
    }

    // What nobody waits for any more.

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anInstanceThatNobodyWaitsForMayGoOnForTheRestOfTheTotalTime(int concurrency) throws Exception {
        restart(new CallLimits(QUEUE, IDLE, 1_000, CONNECT, DEATH, 5), concurrency, TOTAL);
        CountDownLatch never = new CountDownLatch(1);
        gateway.raw(talk -> {
            talk.head();
            never.await();
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            isAsked();
        }
        assertThat(gateway.onlyCall().status()).isEqualTo(CallRecord.CALLER_LEFT);
        gateway.pass(TOTAL);
        assertThat(gateway.leases.ended()).isZero();
        gateway.pass(A_LITTLE);
        gateway.allLeasesEnd();
        assertThat(gateway.leases.broken()).isEqualTo(concurrency == 1 ? 1 : 0);
        never.countDown();
    }

    // Callers' connections.

    @ParameterizedTest
    @ValueSource(strings = {"", "GET / HTTP/1.1\r\nHo"})
    void headClosesAConnectionThatNeverSendsAWholeOne(String part) throws Exception {
        try (RawClient client = gateway.client()) {
            client.send(part);
            // The gateway may take the connection later than it was made.
            Wait.until("it is closed", () -> passes(HEAD.plus(A_LITTLE)) && client.isClosed());
        }
        assertThat(gateway.calls).isEmpty();
    }

    @Test
    void keepAliveClosesAConnectionAfterItsTimeAndNotBefore() throws Exception {
        gateway.raw(TimersIT::serveAll);
        try (RawClient client = gateway.client()) {
            client.send(GET).answer();
            gateway.onlyCall();
            gateway.pass(KEEP_ALIVE);
            assertThat(client.send(GET).answer().status()).isEqualTo(200);
            gateway.onlyCall();
            gateway.pass(KEEP_ALIVE.plus(A_LITTLE));
            closed(client);
        }
    }

    @Test
    void keepAliveDoesNotTouchAConnectionWithACall() throws Exception {
        CountDownLatch done = new CountDownLatch(1);
        gateway.raw(talk -> {
            talk.head();
            done.await();
            talk.say(RawInstance.ok("late"));
        });
        try (RawClient client = gateway.client()) {
            client.send(GET);
            isAsked();
            gateway.pass(KEEP_ALIVE.plus(HEAD).plus(A_LITTLE));
            done.countDown();
            assertThat(client.answer().text()).isEqualTo("late");
        }
    }

    // Connections to instances.

    private static void serveAll(RawInstance.Talk talk) throws Exception {
        for (String head = talk.head(); head != null; head = talk.head()) {
            talk.say(RawInstance.ok("ok"));
        }
    }

    @Test
    void aConnectionToAnInstanceWaitsASecondForItsNextRequest() throws Exception {
        gateway.raw(TimersIT::serveAll);
        try (RawClient client = gateway.client()) {
            toEachInstance(client);
            gateway.pass(Duration.ofMillis(999));
            toEachInstance(client);
            assertThat(gateway.instance().talks()).hasSize(FakeLeases.INSTANCES);
            gateway.pass(Duration.ofSeconds(1));
            Wait.until("all are closed", () -> gateway.instance().closed());
            client.send(GET).answer();
            assertThat(gateway.instance().talks()).hasSize(FakeLeases.INSTANCES + 1);
        }
    }

    private void toEachInstance(RawClient client) throws Exception {
        for (int i = 0; i < FakeLeases.INSTANCES; i++) {
            assertThat(client.send(GET).answer().status()).isEqualTo(200);
            gateway.onlyCall();
        }
    }
}
