package dev.mayfly.pool.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LeaseRequest;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the gateway relies on when it asks for leases. */
@Timeout(120)
public abstract class LeasesContract {
    private static final Duration WAIT_MAX = Duration.ofSeconds(40);

    private final Vertx vertx = Vertx.vertx();
    private @Nullable LeasesSubject underTest;

    /** Made anew for each test, which closes it. */
    protected abstract LeasesSubject newSubject() throws Exception;

    @BeforeEach
    void start() throws Exception {
        underTest = newSubject();
    }

    @AfterEach
    void stop() throws Exception {
        subject().close();
        vertx.close().await(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
    }

    private LeasesSubject subject() {
        return Objects.requireNonNull(underTest, "made before each test");
    }

    /** One request, asked for on an event loop as the gateway does. */
    private record Asked(
            Context context,
            LeaseRequest request,
            CompletableFuture<LeaseOutcome> outcome,
            CompletableFuture<Thread> told) {
        LeaseOutcome await() throws InterruptedException {
            try {
                return outcome.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new AssertionError("an outcome within " + WAIT_MAX.toSeconds() + " s", e);
            }
        }

        Lease lease() throws InterruptedException {
            LeaseOutcome came = await();
            assertThat(came).isInstanceOf(LeaseOutcome.Leased.class);
            return ((LeaseOutcome.Leased) came).lease();
        }

        void abandon() throws Exception {
            CompletableFuture<Void> done = new CompletableFuture<>();
            context.runOnContext(_ -> {
                request.abandon();
                done.complete(null);
            });
            done.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** One of the event loops in turn: a thread keeps the one that it got first. */
    private Context loop() throws Exception {
        CompletableFuture<Context> made = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> made.complete(vertx.getOrCreateContext()));
        return made.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
    }

    private Asked ask(ReleaseToRun release) throws Exception {
        Context context = loop();
        CompletableFuture<Asked> asked = new CompletableFuture<>();
        context.runOnContext(_ -> {
            try {
                CompletableFuture<LeaseOutcome> outcome = new CompletableFuture<>();
                CompletableFuture<Thread> told = new CompletableFuture<>();
                LeaseRequest request = subject().leases().lease(release);
                asked.complete(new Asked(context, request, outcome, told));
                request.outcome().onComplete(result -> {
                    told.complete(Thread.currentThread());
                    if (result.succeeded()) {
                        outcome.complete(result.result());
                    } else {
                        outcome.completeExceptionally(result.cause());
                    }
                });
            } catch (RuntimeException e) {
                asked.completeExceptionally(e);
            }
        });
        return asked.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
    }

    private Lease lease() throws Exception {
        return ask(subject().release()).lease();
    }

    private void held(int places) throws InterruptedException {
        until(places + " places are held", () -> subject().held() == places);
    }

    private static void until(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + WAIT_MAX.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + WAIT_MAX.toSeconds() + " s: " + what);
            }
            Thread.sleep(Duration.ofMillis(10));
        }
    }

    @Test
    void aLeaseIsOnAnInstanceThatTakesConnections() throws Exception {
        Lease lease = lease();
        assertThat(lease.instanceId()).isNotEmpty();
        assertThat(lease.waited()).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(lease.death()).isEmpty();
        try (SocketChannel connection = SocketChannel.open(socket(lease.address()))) {
            assertThat(connection.isConnected()).isTrue();
        }
        lease.end(false);
        held(0);
    }

    private static SocketAddress socket(InstanceAddress address) throws IOException {
        return switch (address) {
            case InstanceAddress.Tcp(String host, int port) -> new InetSocketAddress(InetAddress.getByName(host), port);
            case InstanceAddress.UnixSocket(var path) -> UnixDomainSocketAddress.of(path);
        };
    }

    @Test
    void whoAsksIsToldOnTheEventLoopThatAsked() throws Exception {
        Asked asked = ask(subject().release());
        asked.lease().end(false);
        CompletableFuture<Thread> loop = new CompletableFuture<>();
        asked.context().runOnContext(_ -> loop.complete(Thread.currentThread()));
        assertThat(asked.told().get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS))
                .isSameAs(loop.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void soIsWhoHadToWait() throws Exception {
        subject().fill();
        Asked asked = ask(subject().release());
        subject().free();
        asked.lease().end(false);
        CompletableFuture<Thread> loop = new CompletableFuture<>();
        asked.context().runOnContext(_ -> loop.complete(Thread.currentThread()));
        assertThat(asked.told().get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS))
                .isSameAs(loop.get(WAIT_MAX.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void aLeaseHoldsAPlaceUntilItEnds() throws Exception {
        Lease lease = lease();
        held(1);
        lease.end(false);
        held(0);
    }

    @Test
    void endingALeaseAgainDoesNothing() throws Exception {
        Lease first = lease();
        first.end(false);
        held(0);
        Lease second = lease();
        held(1);
        first.end(false);
        first.end(true);
        assertThat(subject().held()).isEqualTo(1);
        assertThat(second.death()).as("the instance lives").isEmpty();
        second.end(false);
        held(0);
    }

    @Test
    void whoComesAfterAnotherMeetsAnInstanceThatIsReady() throws Exception {
        lease().end(false);
        held(0);
        Lease next = lease();
        assertThat(next.start()).isEqualTo(StartKind.WARM);
        next.end(false);
    }

    @Test
    void anInstanceThatMustNotServeAgainIsNotGrantedAgain() throws Exception {
        Lease broken = lease();
        broken.end(true);
        Lease next = lease();
        assertThat(next.instanceId()).isNotEqualTo(broken.instanceId());
        next.end(false);
    }

    @Test
    void whoWaitsGetsAPlaceOnceThereIsOne() throws Exception {
        subject().fill();
        Asked asked = ask(subject().release());
        assertThat(asked.outcome()).isNotDone();
        subject().free();
        asked.lease().end(false);
        held(0);
    }

    @Test
    void whoGivesUpHoldsNothingWhateverComes() throws Exception {
        subject().fill();
        Asked gone = ask(subject().release());
        Asked waits = ask(subject().release());
        gone.abandon();
        gone.abandon();
        subject().free();
        waits.lease().end(false);
        // What crossed the giving up arrives all the same, and is ended as the gateway does.
        gone.outcome().thenAccept(outcome -> {
            if (outcome instanceof LeaseOutcome.Leased(Lease late)) {
                late.end(false);
            }
        });
        held(0);
    }

    @Test
    void givingUpAfterTheOutcomeDoesNothing() throws Exception {
        Asked asked = ask(subject().release());
        Lease lease = asked.lease();
        asked.abandon();
        held(1);
        assertThat(lease.death()).isEmpty();
        lease.end(false);
        held(0);
    }

    @Test
    void whyAnInstanceDiedIsKnownSoonAfter() throws Exception {
        Lease lease = lease();
        assertThat(lease.death()).isEmpty();
        subject().kill(lease);
        until("the death is known", () -> lease.death().isPresent());
        assertThat(lease.death().orElseThrow().describe()).isNotEmpty();
        lease.end(true);
        held(0);
    }

    @Test
    void aStartThatFailsIsToldToWhoWaits() throws Exception {
        LeaseOutcome outcome = ask(subject().releaseThatFails()).await();
        assertThat(outcome).isInstanceOfSatisfying(LeaseOutcome.StartFailed.class, failed -> {
            assertThat(failed.code()).isEqualTo(ErrorCode.START_FAILED);
            assertThat(failed.detail()).isNotEmpty();
            assertThat(failed.instanceId()).isNotEmpty();
        });
        held(0);
    }

    @Test
    void manyWhoAskAtOnceFromManyLoopsAllGetTheirTurn() throws Exception {
        List<Asked> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(ask(subject().release()));
        }
        for (Asked each : all) {
            each.outcome()
                    .thenAccept(
                            outcome -> ((LeaseOutcome.Leased) outcome).lease().end(false));
        }
        for (Asked each : all) {
            each.lease();
        }
        held(0);
    }
}
