package dev.mayfly.pool.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolCoreTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final PoolConfig SMALL =
            new PoolConfig(6, 4, 3, 2, 5, Duration.ofSeconds(10), Duration.ofSeconds(30));

    private final AtomicInteger ids = new AtomicInteger();
    private final PoolCore core = new PoolCore(SMALL, () -> "i" + ids.incrementAndGet());

    @Test
    void concurrentMissesShareOneStart() {
        ReleaseToRun release = release("a", 1, 10);
        assertThat(core.acquire(1, release, NOON)).containsExactly(new Action.Start("i1", release));
        assertThat(core.acquire(2, release, NOON)).isEmpty();
        assertThat(core.started("i1", NOON))
                .containsExactly(new Action.Grant(1, "i1", true), new Action.Grant(2, "i1", true));
        assertThat(core.acquire(3, release, NOON)).containsExactly(new Action.Grant(3, "i1", false));
    }

    @Test
    void startsAnotherWhenTheFirstIsFull() {
        ReleaseToRun release = release("a", 1, 1);
        core.acquire(1, release, NOON);
        core.started("i1", NOON);
        assertThat(core.acquire(2, release, NOON)).containsExactly(new Action.Start("i2", release));
        assertThat(core.released("i1", false, NOON)).containsExactly(new Action.Grant(2, "i1", false));
    }

    @Test
    void reapsOnlyWhatWasIdleForTheWholeTimeout() {
        ReleaseToRun release = release("a", 1, 1);
        core.acquire(1, release, NOON);
        core.started("i1", NOON);
        core.released("i1", false, NOON);
        Instant edge = NOON.plus(release.spec().limits().idleTimeout());
        assertThat(core.tick(edge.minusMillis(1))).isEmpty();
        assertThat(core.tick(edge)).containsExactly(new Action.Reap("i1", "idle"));
        assertThat(core.acquire(2, release, edge)).hasSize(1).first().isInstanceOf(Action.Start.class);
    }

    @Test
    void aBusyInstanceIsNotIdle() {
        ReleaseToRun release = release("a", 1, 1);
        core.acquire(1, release, NOON);
        core.started("i1", NOON);
        assertThat(core.tick(NOON.plus(Duration.ofDays(1)))).isEmpty();
    }

    @Test
    void tellsEverybodyWhoWaitsWhyTheStartFailed() {
        ReleaseToRun release = release("a", 1, 10);
        core.acquire(1, release, NOON);
        core.acquire(2, release, NOON);
        assertThat(core.startFailed("i1", ErrorCode.START_FAILED, "exit code 1", NOON))
                .containsExactly(
                        new Action.Reap("i1", "start-failed"),
                        new Action.FailStart(1, "i1", ErrorCode.START_FAILED, "exit code 1"),
                        new Action.FailStart(2, "i1", ErrorCode.START_FAILED, "exit code 1"));
    }

    @Test
    void backsOffFromAReleaseThatKeepsFailing() {
        ReleaseToRun release = release("a", 1, 1);
        for (int i = 1; i <= 2; i++) {
            core.acquire(i, release, NOON);
            core.startFailed("i" + i, ErrorCode.START_FAILED, "exit code 1", NOON);
            core.reaped("i" + i, NOON);
        }
        assertThat(core.acquire(3, release, NOON))
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.FailStart.class,
                        fail -> assertThat(fail.detail()).contains("exit code 1"));
        assertThat(core.acquire(4, release, NOON.plusSeconds(1)))
                .singleElement()
                .isInstanceOf(Action.Start.class);
    }

    @Test
    void drainsOldReleasesAndReapsThemAfterTheirLastRequest() {
        ReleaseToRun old = release("a", 1, 1);
        core.acquire(1, old, NOON);
        core.started("i1", NOON);
        ReleaseToRun next = release("a", 2, 1);
        assertThat(core.prestart(next, NOON)).isPresent();
        assertThat(core.retireOthers(next.release(), "deploy")).isEmpty();
        assertThat(core.released("i1", false, NOON)).containsExactly(new Action.Reap("i1", "deploy"));
    }

    @Test
    void aDrainingInstanceTakesNobody() {
        ReleaseToRun old = release("a", 1, 5);
        core.acquire(1, old, NOON);
        core.started("i1", NOON);
        core.retireOthers(new ReleaseRef(old.release().app(), 2), "deploy");
        assertThat(core.acquire(2, old, NOON)).singleElement().isInstanceOf(Action.Start.class);
    }

    @Test
    void refusesWhenTheQueueIsFull() {
        ReleaseToRun release = release("a", 1, 100);
        for (int i = 1; i <= SMALL.queueMax(); i++) {
            core.acquire(i, release, NOON);
        }
        assertThat(core.acquire(99, release, NOON))
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Refuse.class, refuse -> assertThat(refuse.code()).isEqualTo(ErrorCode.QUEUE_FULL));
    }

    @Test
    void aDeathUnderALeaseStartsAnotherForWhoWaits() {
        ReleaseToRun release = release("a", 1, 1);
        core.acquire(1, release, NOON);
        core.started("i1", NOON);
        core.acquire(2, release, NOON);
        core.startFailed("i2", ErrorCode.START_FAILED, "x", NOON);
        assertThat(core.died("i1", "oom", NOON)).contains(new Action.Reap("i1", "oom"));
    }

    /**
     * Random histories against what must always hold. The seed is in the test's name; a failure repeats with it.
     */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233})
    void keepsItsPromisesInRandomHistories(long seed) {
        new History(new Random(seed)).run(3_000);
    }

    /** Plays shell and callers at random, and checks the invariants after every step. */
    private static final class History {
        private final Random random;
        private final AtomicInteger ids = new AtomicInteger();
        private final PoolCore core = new PoolCore(SMALL, () -> "i" + ids.incrementAndGet());
        private final List<ReleaseToRun> releases = new ArrayList<>();
        private final Map<Long, ReleaseToRun> waiting = new HashMap<>();
        private final Set<Long> answered = new HashSet<>();
        private final List<String> leases = new ArrayList<>();
        private final Map<String, Integer> active = new HashMap<>();
        private final Map<String, ReleaseToRun> living = new HashMap<>();
        private final Deque<String> starting = new ArrayDeque<>();
        private final Deque<String> reaping = new ArrayDeque<>();
        private Instant now = NOON;
        private long tickets;

        History(Random random) {
            this.random = random;
            for (String app : List.of("a", "b", "c")) {
                releases.add(release(app, 1, 1 + random.nextInt(3)));
            }
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                now = now.plusMillis(random.nextInt(2_000));
                step();
                check();
            }
            settle();
        }

        private void step() {
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> {
                    ReleaseToRun release = releases.get(random.nextInt(releases.size()));
                    long ticket = ++tickets;
                    waiting.put(ticket, release);
                    apply(core.acquire(ticket, release, now));
                }
                case 3 -> endOneLease();
                case 4 -> pollStarting().ifPresent(id -> apply(core.started(id, now)));
                case 5 -> {
                    if (random.nextInt(3) == 0) {
                        pollStarting().ifPresent(id -> apply(core.startFailed(id, ErrorCode.START_FAILED, "no", now)));
                    }
                }
                case 6 -> Optional.ofNullable(reaping.poll()).ifPresent(this::finishReap);
                case 7 -> apply(core.tick(now));
                default -> {
                    if (!living.isEmpty() && random.nextInt(10) == 0) {
                        String id = living.keySet().iterator().next();
                        apply(core.died(id, "crash", now));
                    }
                }
            }
        }

        private Optional<String> pollStarting() {
            return Optional.ofNullable(starting.poll());
        }

        private void endOneLease() {
            if (!leases.isEmpty()) {
                String id = leases.remove(random.nextInt(leases.size()));
                active.merge(id, -1, Integer::sum);
                apply(core.released(id, random.nextInt(20) == 0, now));
            }
        }

        private void finishReap(String id) {
            living.remove(id);
            apply(core.reaped(id, now));
        }

        private void apply(List<Action> actions) {
            for (Action action : actions) {
                switch (action) {
                    case Action.Start start -> {
                        assertThat(living).doesNotContainKey(start.instance());
                        living.put(start.instance(), start.release());
                        starting.add(start.instance());
                    }
                    case Action.Grant grant -> {
                        answer(grant.ticket());
                        assertThat(living).containsKey(grant.instance());
                        leases.add(grant.instance());
                        int now = active.merge(grant.instance(), 1, Integer::sum);
                        assertThat(now)
                                .isLessThanOrEqualTo(Objects.requireNonNull(living.get(grant.instance()))
                                        .spec()
                                        .limits()
                                        .concurrency());
                    }
                    case Action.Refuse refuse -> answer(refuse.ticket());
                    case Action.FailStart fail -> answer(fail.ticket());
                    case Action.Reap reap -> {
                        starting.remove(reap.instance());
                        assertThat(reaping).doesNotContain(reap.instance());
                        reaping.add(reap.instance());
                    }
                }
            }
        }

        private void answer(long ticket) {
            assertThat(waiting.remove(ticket)).as("ticket " + ticket + " waits").isNotNull();
            assertThat(answered.add(ticket))
                    .as("ticket " + ticket + " is answered once")
                    .isTrue();
        }

        private void check() {
            assertThat(core.instances()).isEqualTo(living.size()).isLessThanOrEqualTo(SMALL.instancesMax());
            assertThat(starting.size()).isLessThanOrEqualTo(SMALL.startsMax());
            assertThat(core.waiting()).isEqualTo(waiting.size());
            for (ReleaseToRun release : releases) {
                assertThat(living.values().stream().filter(release::equals).count())
                        .isLessThanOrEqualTo(SMALL.releaseInstancesMax());
            }
        }

        /** With everything answered and time passing, nobody waits for ever and everything goes. */
        private void settle() {
            for (int i = 0; i < 2_000 && (!waiting.isEmpty() || !living.isEmpty()); i++) {
                now = now.plusSeconds(20);
                pollStarting().ifPresent(id -> apply(core.started(id, now)));
                endOneLease();
                Optional.ofNullable(reaping.poll()).ifPresent(this::finishReap);
                apply(core.tick(now));
            }
            assertThat(waiting).isEmpty();
            assertThat(living).isEmpty();
        }
    }

    private static ReleaseToRun release(String app, int version, int concurrency) {
        Limits limits = Limits.DEFAULTS;
        AppSpec spec = new AppSpec(
                AppSpec.DEFAULTS.kind(),
                AppSpec.DEFAULTS.egress(),
                new Limits(
                        limits.memoryMib(),
                        limits.cpus(),
                        limits.pids(),
                        limits.tmpMib(),
                        concurrency,
                        limits.startTimeout(),
                        limits.idleTimeout(),
                        limits.requestTimeout()),
                Optional.empty(),
                Optional.empty());
        return new ReleaseToRun(
                new ReleaseRef(AppRef.of("t", app), version),
                "sha256:" + app,
                new ProcessSpec(List.of("/app"), Map.of(), "/"),
                Map.of(),
                spec);
    }
}
