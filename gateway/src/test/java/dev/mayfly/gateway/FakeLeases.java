package dev.mayfly.gateway;

import dev.mayfly.model.DeathReason;
import dev.mayfly.pool.api.Death;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LeaseRequest;
import dev.mayfly.pool.api.Leases;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartKind;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Leases on addresses that a test names, with counts of what was given and given back. */
final class FakeLeases implements Leases {
    /** Leases go round so many names. */
    static final int INSTANCES = 3;

    private final Queue<LeaseOutcome> prepared = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    private final AtomicInteger granted = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger abandoned = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private volatile @Nullable InstanceAddress address;
    private volatile boolean hold;
    private final AtomicReference<Background.@Nullable Work> blocking = new AtomicReference<>();
    private volatile boolean deaf;
    private volatile @Nullable Throwable failure;
    private volatile @Nullable Death death;

    /** From now on every lease is on this address, after the prepared outcomes. */
    FakeLeases at(InstanceAddress next) {
        address = next;
        return this;
    }

    /** The next request for a lease gets this. */
    FakeLeases prepare(LeaseOutcome outcome) {
        prepared.add(outcome);
        return this;
    }

    /** Whoever asks waits until {@link #release()}. */
    void hold() {
        hold = true;
    }

    /** As {@link #hold}, and whoever gives up has been granted a place in the same moment. */
    void holdAndCross() {
        hold = true;
        deaf = true;
    }

    /** The pool itself fails from now on. */
    void fail(Throwable cause) {
        failure = cause;
    }

    /** What happens on the event loop of the next who asks. */
    void block(Background.Work work) {
        blocking.set(work);
    }

    /** Answers all who wait. */
    void release() {
        hold = false;
        for (Runnable next = held.poll(); next != null; next = held.poll()) {
            next.run();
        }
    }

    /** All instances are dead from now on, for this reason. */
    void allDied(DeathReason reason) {
        death = new Death(reason, Optional.empty());
    }

    @Override
    public LeaseRequest lease(ReleaseToRun release) {
        runBlocking();
        Throwable failed = failure;
        if (failed != null) {
            return new Asked(Future.failedFuture(failed), () -> {});
        }
        if (!hold) {
            return new Asked(Future.succeededFuture(next()), () -> {});
        }
        Context context =
                java.util.Objects.requireNonNull(Vertx.currentContext(), "lease is asked for on an event loop");
        Promise<LeaseOutcome> promise = Promise.promise();
        Runnable answer = () -> context.runOnContext(_ -> promise.complete(next()));
        held.add(answer);
        return new Asked(promise.future(), () -> {
            if (deaf || held.remove(answer)) {
                abandoned.incrementAndGet();
            }
        });
    }

    private void runBlocking() {
        Background.Work work = blocking.getAndSet(null);
        if (work != null) {
            try {
                work.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private record Asked(Future<LeaseOutcome> outcome, Runnable whenAbandoned) implements LeaseRequest {
        @Override
        public void abandon() {
            whenAbandoned.run();
        }
    }

    private LeaseOutcome next() {
        LeaseOutcome outcome = prepared.poll();
        return outcome == null ? leased(StartKind.WARM, Duration.ZERO) : outcome;
    }

    /** A lease on the current address. */
    LeaseOutcome leased(StartKind start, Duration waited) {
        InstanceAddress current = address;
        if (current == null) {
            throw new IllegalStateException("address: none (expected: at(…) before the first lease)");
        }
        return leased(current, start, waited);
    }

    /** A lease on this address. */
    LeaseOutcome leased(InstanceAddress on, StartKind start, Duration waited) {
        int number = granted.incrementAndGet();
        return new LeaseOutcome.Leased(new FakeLease("ins_fake" + number % INSTANCES, on, start, waited));
    }

    int granted() {
        return granted.get();
    }

    int ended() {
        return ended.get();
    }

    int broken() {
        return broken.get();
    }

    /** How many gave up while they waited. */
    int abandoned() {
        return abandoned.get();
    }

    /** How many wait for {@link #release()}. */
    int waiting() {
        return held.size();
    }

    private final class FakeLease implements Lease {
        private final String id;
        private final InstanceAddress on;
        private final StartKind start;
        private final Duration waited;
        private final AtomicBoolean over = new AtomicBoolean();

        FakeLease(String id, InstanceAddress on, StartKind start, Duration waited) {
            this.id = id;
            this.on = on;
            this.start = start;
            this.waited = waited;
        }

        @Override
        public String instanceId() {
            return id;
        }

        @Override
        public InstanceAddress address() {
            return on;
        }

        @Override
        public StartKind start() {
            return start;
        }

        @Override
        public Duration waited() {
            return waited;
        }

        @Override
        public void end(boolean wasBroken) {
            if (over.compareAndSet(false, true)) {
                ended.incrementAndGet();
                if (wasBroken) {
                    broken.incrementAndGet();
                }
            }
        }

        @Override
        public Optional<Death> death() {
            return Optional.ofNullable(death);
        }
    }
}
