package dev.mayfly.pool.core;

import static dev.mayfly.pool.core.Releases.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PoolCoreTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
    private static final PoolConfig SMALL = new PoolConfig(
            new PoolConfig.Caps(6, 4, 3, 2, 1_000_000, 1_000_000, 512),
            new PoolConfig.Waiting(5, Duration.ofSeconds(10), Duration.ofSeconds(30)),
            new PoolConfig.Keeping(
                    PoolConfig.Keeping.Kind.LEARNED,
                    Duration.ofHours(1),
                    Duration.ofSeconds(10),
                    3,
                    1,
                    2,
                    64,
                    PoolConfig.Keeping.Zygotes.TENANT,
                    2));

    private final AtomicInteger ids = new AtomicInteger();
    private final PoolCore core = new PoolCore(SMALL, () -> "i" + ids.incrementAndGet());

    @Test
    void concurrentMissesShareOneStart() {
        Wanted wanted = release().concurrency(10).wanted();
        assertThat(core.acquire(1, wanted, NOON)).containsExactly(new Action.Start("i1", wanted.release()));
        assertThat(core.acquire(2, wanted, NOON)).isEmpty();
        assertThat(core.started("i1", NOON))
                .containsExactly(new Action.Grant(1, "i1", StartKind.COLD), new Action.Grant(2, "i1", StartKind.COLD));
        assertThat(core.acquire(3, wanted, NOON)).containsExactly(new Action.Grant(3, "i1", StartKind.WARM));
    }

    @Test
    void knowsOfFreeMemoryOnceItWasTold() {
        assertThat(core.view().memoryFreeMib()).isEmpty();
        core.memoryFree(700, NOON);
        assertThat(core.view().memoryFreeMib()).hasValue(700);
    }

    @Test
    void startsAnotherWhenTheFirstIsFull() {
        Wanted wanted = release().wanted();
        serving(1, wanted, "i1");
        assertThat(core.acquire(2, wanted, NOON)).containsExactly(new Action.Start("i2", wanted.release()));
        assertThat(core.released("i1", false, NOON)).containsExactly(new Action.Grant(2, "i1", StartKind.WARM));
    }

    @Test
    void reapsOnlyWhatWasIdleForTheWholeTimeout() {
        Wanted wanted = release().wanted();
        idle(wanted, "i1");
        Instant edge = NOON.plus(wanted.release().spec().limits().idleTimeout());
        assertThat(core.tick(edge.minusMillis(1))).doesNotContain(new Action.Reap("i1", DeathReason.IDLE));
        assertThat(core.tick(edge)).containsExactly(new Action.Reap("i1", DeathReason.IDLE));
        assertThat(core.acquire(2, wanted, edge)).containsExactly(new Action.Start("i2", wanted.release()));
    }

    @Test
    void aBusyInstanceIsNotIdle() {
        serving(1, release().wanted(), "i1");
        assertThat(core.tick(NOON.plus(Duration.ofDays(1)))).isEmpty();
    }

    @Test
    void adoptsWhatAPredecessorLeftWithinTheCaps() {
        Wanted wanted = release().concurrency(1).wanted();
        List<String> left = List.of("a", "b", "c", "d", "e", "f");
        List<Action> adopted = core.adopt(left, wanted, NOON);
        assertThat(adopted)
                .as("beyond the bound on starts, not beyond that of a release")
                .containsExactlyElementsOf(left.subList(0, adopted.size()).stream()
                        .map(id -> new Action.Adopt(id, wanted.release()))
                        .toList())
                .hasSize(SMALL.caps().releaseInstancesMax());
        assertThat(core.adopt(left.subList(0, 1), wanted, NOON)).isEmpty();
        assertThat(core.acquire(1, wanted, NOON)).as("it is coming").isEmpty();
        assertThat(core.started("b", NOON)).containsExactly(new Action.Grant(1, "b", StartKind.WARM));
    }

    @Test
    void whatCannotBeAdoptedIsReplacedAndDoesNotSpeakAgainstItsRelease() {
        Wanted wanted = release().wanted();
        core.adopt(List.of("a"), wanted, NOON);
        core.acquire(1, wanted, NOON);
        assertThat(core.startFailed("a", ErrorCode.START_FAILED, "it has gone", NOON))
                .containsExactly(
                        new Action.Reap("a", DeathReason.NOT_ADOPTED), new Action.Start("i1", wanted.release()));
    }

    @Test
    void anInstanceThatCanNeverBeIsRefusedAtOnce() {
        PoolCore tight = new PoolCore(
                new PoolConfig(
                        new PoolConfig.Caps(6, 4, 3, 2, 4_000, 1_000, 512),
                        PoolConfig.Waiting.DEFAULTS,
                        PoolConfig.Keeping.DEFAULTS),
                () -> "i");
        String expected =
                "limits.memory: 2000 MiB (expected: at most 1000 MiB, which this server's pool.tenant-memory-max allows)";
        Wanted wanted = release().memory(2_000).wanted();
        assertThat(tight.acquire(1, wanted, NOON))
                .containsExactly(new Action.Refuse(1, ErrorCode.QUOTA_EXCEEDED, expected, Duration.ofSeconds(1)));
        assertThat(tight.refusal(wanted.release())).contains(expected);
        assertThat(tight.refusal(release().memory(1_000).wanted().release())).isEmpty();
    }

    @Test
    void whatServesOnceIsNotAdopted() {
        assertThat(core.adopt(List.of("a"), release().once().wanted(), NOON)).isEmpty();
    }

    @Test
    void tellsEverybodyWhoWaitsWhyTheStartFailed() {
        Wanted wanted = release().concurrency(10).wanted();
        core.acquire(1, wanted, NOON);
        core.acquire(2, wanted, NOON);
        assertThat(core.startFailed("i1", ErrorCode.START_FAILED, "exit code 1", NOON))
                .containsExactly(
                        new Action.Reap("i1", DeathReason.START_FAILED),
                        new Action.FailStart(1, "i1", StartKind.COLD, ErrorCode.START_FAILED, "exit code 1"),
                        new Action.FailStart(2, "i1", StartKind.COLD, ErrorCode.START_FAILED, "exit code 1"));
    }

    @Test
    void backsOffFromAReleaseThatKeepsFailing() {
        Wanted wanted = release().wanted();
        for (int i = 1; i <= 2; i++) {
            core.acquire(i, wanted, NOON);
            core.startFailed("i" + i, ErrorCode.START_FAILED, "exit code 1", NOON);
            core.reaped("i" + i, NOON);
        }
        assertThat(core.acquire(3, wanted, NOON))
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.FailStart.class,
                        fail -> assertThat(fail.detail()).contains("exit code 1"));
        assertThat(core.acquire(4, wanted, NOON.plusSeconds(1))).singleElement().isInstanceOf(Action.Start.class);
    }

    @Test
    void whatEndsSoonAfterItWasReadyFailsLikeAStart() {
        Wanted wanted = release().warm(1).wanted();
        core.expect(wanted, NOON);
        for (int i = 1; i <= 2; i++) {
            assertThat(core.state("i" + i)).isEqualTo(InstanceState.STARTING);
            core.started("i" + i, NOON);
            core.died("i" + i, DeathReason.CRASH, NOON);
            core.reaped("i" + i, NOON);
        }
        assertThat(core.tick(NOON.plusMillis(900))).isEmpty();
        assertThat(core.acquire(1, wanted, NOON.plusMillis(900)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.FailStart.class,
                        fail -> assertThat(fail.detail()).contains("soon after it was ready"));
        assertThat(core.tick(NOON.plusSeconds(1))).containsExactly(new Action.Start("i3", wanted.release()));
    }

    @Test
    void drainsOldReleasesAndReapsThemAfterTheirLastRequest() {
        serving(1, release().wanted(), "i1");
        Wanted next = release().version(2).wanted();
        assertThat(core.prestart(next, NOON).instance()).contains("i2");
        assertThat(core.retireOthers(next.release().release(), DeathReason.DEPLOY))
                .isEmpty();
        assertThat(core.released("i1", false, NOON)).containsExactly(new Action.Reap("i1", DeathReason.DEPLOY));
    }

    @Test
    void aReleaseWhoseRequestsTakeEveryStartIsFollowedByAnother() {
        Wanted old = release().wanted();
        core.acquire(1, old, NOON);
        core.acquire(2, old, NOON);
        Wanted next = release().version(2).wanted();
        assertThat(core.prestart(next, NOON).instance()).isEmpty();
        assertThat(core.startFailed("i1", ErrorCode.START_FAILED, "", NOON))
                .contains(new Action.Start("i2", next.release()));
        assertThat(core.prestart(next, NOON).instance()).contains("i2");
    }

    @Test
    void whoStopsAskingForAnInstanceGetsNone() {
        core.acquire(1, release().wanted(), NOON);
        Wanted next = release().version(2).wanted();
        assertThat(core.prestart(next, NOON).instance()).isEmpty();
        Instant later = NOON.plusSeconds(2);
        core.tick(later);
        assertThat(core.started("i1", later)).noneMatch(action -> action instanceof Action.Start);
    }

    @Test
    void aDrainingInstanceTakesNobody() {
        Wanted old = release().concurrency(5).wanted();
        serving(1, old, "i1");
        core.retireOthers(new ReleaseRef(old.release().release().app(), 2), DeathReason.DEPLOY);
        assertThat(core.acquire(2, old, NOON)).containsExactly(new Action.Start("i2", old.release()));
    }

    @Test
    void refusesWhenTheQueueIsFull() {
        Wanted wanted = release().concurrency(100).wanted();
        for (int i = 1; i <= SMALL.waiting().queueMax(); i++) {
            core.acquire(i, wanted, NOON);
        }
        assertThat(core.acquire(99, wanted, NOON))
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Refuse.class, refuse -> assertThat(refuse.code()).isEqualTo(ErrorCode.QUEUE_FULL));
    }

    @Test
    void aWaiterThatGoesFreesItsPlaceAndNobodyIsStartedForIt() {
        Wanted wanted = release().wanted();
        serving(1, wanted, "i1");
        core.acquire(2, wanted, NOON);
        core.abandon(2, wanted.release().release(), NOON);
        assertThat(core.waiting()).isZero();
        assertThat(core.released("i1", false, NOON)).isEmpty();
    }

    @Test
    void aDeathUnderALeaseStartsAnotherForWhoWaits() {
        Wanted wanted = release().wanted();
        serving(1, wanted, "i1");
        core.acquire(2, wanted, NOON);
        core.startFailed("i2", ErrorCode.START_FAILED, "x", NOON);
        assertThat(core.died("i1", DeathReason.OOM_KILLED, NOON))
                .startsWith(new Action.Reap("i1", DeathReason.OOM_KILLED));
        assertThat(core.waiting()).isEqualTo(1);
    }

    @Test
    void anIdleFunctionIsFrozenAndThawedForItsNextRequest() {
        Wanted wanted = release().wanted();
        idle(wanted, "i1");
        Instant later = NOON.plusSeconds(10);
        assertThat(core.tick(later)).containsExactly(new Action.Freeze("i1"));
        core.frozen("i1", later);
        assertThat(core.state("i1")).isEqualTo(InstanceState.FROZEN);
        assertThat(core.acquire(2, wanted, later))
                .containsExactly(new Action.Thaw("i1"), new Action.Grant(2, "i1", StartKind.THAWED));
        assertThat(core.tick(later.plusSeconds(10))).as("it is in use").isEmpty();
        assertThat(core.thawed("i1", later)).isEmpty();
        assertThat(core.state("i1")).isEqualTo(InstanceState.READY);
    }

    @Test
    void whatIsThawedServesBeforeThatIsKnown() {
        Wanted wanted = release().concurrency(2).wanted();
        idle(wanted, "i1");
        Instant later = NOON.plusSeconds(10);
        core.tick(later);
        core.frozen("i1", later);
        core.acquire(2, wanted, later);
        assertThat(core.acquire(3, wanted, later)).containsExactly(new Action.Grant(3, "i1", StartKind.WARM));
        assertThat(core.acquire(4, wanted, later)).as("full").containsExactly(new Action.Start("i2", wanted.release()));
        assertThat(core.released("i1", false, later)).containsExactly(new Action.Grant(4, "i1", StartKind.WARM));
        core.released("i1", false, later);
        core.released("i1", false, later);
        assertThat(core.tick(later.plusSeconds(10)))
                .as("it is not known to run")
                .isEmpty();
        core.thawed("i1", later);
        assertThat(core.tick(later.plusSeconds(10))).containsExactly(new Action.Freeze("i1"));
    }

    @Test
    void whatIsThawedAndReplacedMeanwhileFinishesItsRequestFirst() {
        Wanted wanted = release().wanted();
        idle(wanted, "i1");
        core.tick(NOON.plusSeconds(10));
        core.frozen("i1", NOON.plusSeconds(10));
        core.acquire(2, wanted, NOON.plusSeconds(20));
        assertThat(core.retireOthers(new ReleaseRef(AppRef.of("t", "a"), 2), DeathReason.DEPLOY))
                .isEmpty();
        core.thawed("i1", NOON.plusSeconds(20));
        assertThat(core.released("i1", false, NOON.plusSeconds(20)))
                .containsExactly(new Action.Reap("i1", DeathReason.DEPLOY));
    }

    @Test
    void aRequestThatMeetsAFreezeWaitsForItAndNotForAStart() {
        Wanted wanted = release().wanted();
        idle(wanted, "i1");
        core.tick(NOON.plusSeconds(10));
        assertThat(core.acquire(2, wanted, NOON.plusSeconds(10))).isEmpty();
        assertThat(core.frozen("i1", NOON.plusSeconds(10)))
                .containsExactly(new Action.Thaw("i1"), new Action.Grant(2, "i1", StartKind.THAWED));
    }

    @Test
    void whatCannotBeFrozenServesOnAndIsNotAskedAgain() {
        Wanted wanted = release().wanted();
        idle(wanted, "i1");
        core.tick(NOON.plusSeconds(10));
        core.freezeFailed("i1", NOON.plusSeconds(10));
        assertThat(core.tick(NOON.plusSeconds(30))).isEmpty();
        assertThat(core.acquire(2, wanted, NOON.plusSeconds(30)))
                .containsExactly(new Action.Grant(2, "i1", StartKind.WARM));
    }

    @Test
    void whatCannotBeThawedIsReplaced() {
        Wanted wanted = release().wanted();
        idle(wanted, "i1");
        core.tick(NOON.plusSeconds(10));
        core.frozen("i1", NOON.plusSeconds(10));
        core.acquire(2, wanted, NOON.plusSeconds(20));
        assertThat(core.thawFailed("i1", NOON.plusSeconds(20)))
                .containsExactly(new Action.Reap("i1", DeathReason.THAW_FAILED));
        assertThat(core.acquire(3, wanted, NOON.plusSeconds(20)))
                .containsExactly(new Action.Start("i2", wanted.release()));
    }

    @Test
    void aWebServerMayWorkBetweenItsRequestsAndIsNotFrozen() {
        idle(release().web().wanted(), "i1");
        assertThat(core.tick(NOON.plusSeconds(60))).isEmpty();
    }

    @Test
    void keepsAsManyReadyAsTheAppAsksFor() {
        Wanted wanted = release().warm(2).wanted();
        assertThat(core.expect(wanted, NOON)).containsExactly(new Action.Start("i1", wanted.release()));
        assertThat(core.started("i1", NOON)).containsExactly(new Action.Start("i2", wanted.release()));
        core.started("i2", NOON);
        assertThat(core.tick(NOON.plus(Duration.ofDays(1)))).isEmpty();
        core.died("i1", DeathReason.CRASH, NOON.plus(Duration.ofDays(1)));
        assertThat(core.reaped("i1", NOON.plus(Duration.ofDays(1)))).isEmpty();
        assertThat(core.state("i3")).isEqualTo(InstanceState.STARTING);
    }

    @Test
    void loadsAnAppBeforeItsTimerFires() {
        Wanted wanted = release().learned().wanted();
        core.expect(wanted, NOON);
        Instant at = NOON;
        int metReady = 0;
        for (int i = 1; i <= 12; i++) {
            for (Action action : core.acquire(i, wanted, at)) {
                if (action instanceof Action.Grant grant && grant.kind() == StartKind.WARM) {
                    metReady++;
                }
                startAt(action, at);
            }
            for (String living : core.instancesOf(wanted.release().release().app())) {
                core.released(living, false, at);
            }
            for (int second = 1; second < 3_600; second++) {
                at = at.plusSeconds(1);
                for (Action action : core.tick(at)) {
                    startAt(action, at);
                }
            }
            at = at.plusSeconds(1);
        }
        assertThat(metReady).isGreaterThanOrEqualTo(8);
    }

    @Test
    void aTenantsStormLeavesAStartToAnother() {
        for (int i = 1; i <= 3; i++) {
            core.acquire(i, release().of("storm", "a").wanted(), NOON);
        }
        Wanted calm = release().of("calm", "b").wanted();
        assertThat(core.acquire(9, calm, NOON)).containsExactly(new Action.Start("i2", calm.release()));
    }

    @Test
    void theTenantWithTheFewestStartsUnderWayIsNext() {
        Wanted storm = release().of("storm", "a").wanted();
        core.acquire(1, storm, NOON);
        core.acquire(2, release().of("other", "b").wanted(), NOON);
        core.acquire(3, storm, NOON);
        Wanted calm = release().of("calm", "c").wanted();
        assertThat(core.acquire(4, calm, NOON)).isEmpty();
        assertThat(core.started("i1", NOON))
                .contains(new Action.Start("i3", calm.release()))
                .doesNotContain(new Action.Start("i3", storm.release()));
    }

    @Test
    void anIdleInstanceGoesForARequestThatFindsNoRoom() {
        for (int i = 1; i <= 6; i++) {
            idle(release().of("t" + i, "a" + i).wanted(), "i" + i);
        }
        Wanted wanted = release().of("new", "b").wanted();
        List<Action> actions = core.acquire(9, wanted, NOON);
        assertThat(actions).singleElement().isInstanceOf(Action.Reap.class);
        String gone = ((Action.Reap) actions.getFirst()).instance();
        assertThat(core.reaped(gone, NOON)).containsExactly(new Action.Start("i7", wanted.release()));
    }

    @Test
    void whoHoldsMuchDoesNotTakeFromWhoHoldsLittle() {
        for (int i = 1; i <= 4; i++) {
            serving(i, release().of("much", "a" + i).wanted(), "i" + i);
        }
        idle(release().of("little", "b").wanted(), "i5");
        idle(release().of("small", "c").wanted(), "i6");
        core.acquire(9, release().of("much", "d").wanted(), NOON);
        assertThat(core.state("i5")).isEqualTo(InstanceState.READY);
        assertThat(core.state("i6")).isEqualTo(InstanceState.READY);
    }

    @Test
    void whatComesByHabitTakesThePlaceOfWhatIsWorthLess() {
        Wanted timer = release().of("t0", "timer").learned().wanted();
        core.expect(timer, NOON);
        Instant at = NOON;
        for (int i = 1; i <= 14; i++) {
            at = NOON.plus(Duration.ofHours(i));
            useAndLose(timer, at);
        }
        Instant before = at.plusSeconds(3_595);
        for (int i = 1; i <= 6; i++) {
            use(release().of("t" + i, "a" + i).wanted(), before.minusSeconds(120));
        }
        assertThat(core.tick(before))
                .filteredOn(Action.Reap.class::isInstance)
                .containsExactly(new Action.Reap("i15", DeathReason.EVICTED));
        assertThat(core.instances()).isEqualTo(6);
    }

    /** A request is served and left an idle instance. */
    private String use(Wanted wanted, Instant at) {
        core.acquire(ids.get() + 1_000, wanted, at);
        String instance = core.instancesOf(wanted.release().release().app()).getFirst();
        core.started(instance, at);
        core.released(instance, false, at);
        return instance;
    }

    private void useAndLose(Wanted wanted, Instant at) {
        String instance = use(wanted, at);
        core.died(instance, DeathReason.EXIT, at);
        core.reaped(instance, at);
        core.instancesOf(wanted.release().release().app()).forEach(more -> {
            core.died(more, DeathReason.EXIT, at);
            core.reaped(more, at);
        });
    }

    @Test
    void memoryIsCappedAsWellAsCount() {
        PoolConfig tight =
                new PoolConfig(new PoolConfig.Caps(6, 4, 3, 4, 1_000, 1_000, 512), SMALL.waiting(), SMALL.keeping());
        PoolCore small = new PoolCore(tight, () -> "i" + ids.incrementAndGet());
        small.acquire(1, release().memory(600).wanted(), NOON);
        assertThat(small.acquire(2, release().app("b").memory(600).wanted(), NOON))
                .isEmpty();
        assertThat(small.acquire(3, release().app("c").memory(400).wanted(), NOON))
                .singleElement()
                .isInstanceOf(Action.Start.class);
    }

    @Test
    void whenTheMachineRunsShortIdleInstancesGoThatAreWorthTheLeast() {
        Wanted spare = release().wanted();
        serving(1, spare, "i1");
        serving(2, spare, "i2");
        core.released("i1", false, NOON);
        core.released("i2", false, NOON);
        serving(3, release().app("b").wanted(), "i3");
        assertThat(core.memoryFree(511, NOON))
                .startsWith(new Action.Reap("i1", DeathReason.MEMORY_PRESSURE))
                .doesNotContain(new Action.Reap("i3", DeathReason.MEMORY_PRESSURE));
    }

    @Test
    void refusesAtOnceWhenNoPlaceCanBecomeFree() {
        for (int i = 1; i <= 4; i++) {
            serving(i, release().app("a" + i).wanted(), "i" + i);
        }
        assertThat(core.acquire(9, release().app("z").wanted(), NOON))
                .singleElement()
                .isInstanceOfSatisfying(
                        Action.Refuse.class,
                        refuse -> assertThat(refuse.code()).isEqualTo(ErrorCode.CAPACITY_EXHAUSTED));
    }

    private void startAt(Action action, Instant at) {
        if (action instanceof Action.Start start) {
            core.started(start.instance(), at);
        } else if (action instanceof Action.Freeze freeze) {
            core.freezeFailed(freeze.instance(), at);
        } else if (action instanceof Action.Reap reap) {
            core.reaped(reap.instance(), at);
        }
    }

    /** An instance that serves a request. */
    private void serving(long ticket, Wanted wanted, String instance) {
        core.acquire(ticket, wanted, NOON);
        core.started(instance, NOON);
        assertThat(core.active(instance)).isEqualTo(1);
    }

    /** An instance that has served a request. */
    private void idle(Wanted wanted, String instance) {
        serving(1_000 + ids.get(), wanted, instance);
        core.released(instance, false, NOON);
    }

    /** It has the old one's name, and neither its program nor its secrets. */
    @Test
    void anAppMadeAgainHasNothingOfItsNamesakeThatWasDestroyed() {
        Wanted old = release().wanted();
        Wanted fresh = release().image("2").wanted();
        core.expect(old, NOON);
        core.acquire(1, old, NOON);
        core.startFailed("i1", ErrorCode.START_FAILED, "exit 1", NOON);
        core.reaped("i1", NOON);
        core.destroyAll(old.release().release().app(), DeathReason.DESTROYED);
        core.expect(fresh, NOON);
        assertThat(core.acquire(2, fresh, NOON)).containsExactly(new Action.Start("i2", fresh.release()));
    }

    @Test
    void anAppMadeAgainDoesNotWaitForInstancesOfItsNamesake() {
        Wanted old = release().wanted();
        Wanted fresh = release().image("2").wanted();
        serving(1, old, "i1");
        assertThat(core.destroyAll(old.release().release().app(), DeathReason.DESTROYED))
                .containsExactly(new Action.Reap("i1", DeathReason.DESTROYED));
        assertThat(core.acquire(2, fresh, NOON)).containsExactly(new Action.Start("i2", fresh.release()));
        assertThat(core.instancesOf(old.release().release().app())).containsExactly("i1", "i2");
        core.released("i1", true, NOON);
        core.reaped("i1", NOON);
        assertThat(core.started("i2", NOON)).containsExactly(new Action.Grant(2, "i2", StartKind.COLD));
        assertThat(core.acquire(3, fresh, NOON))
                .as("what is left of the old one takes nothing of the new one along")
                .containsExactly(new Action.Start("i3", fresh.release()));
    }

    /** Nobody said that the old one was destroyed. */
    @Test
    void aReleaseOfTheSameNameAndAnotherContentTakesThePlaceOfTheFirst() {
        Wanted old = release().wanted();
        Wanted fresh = release().image("2").wanted();
        serving(1, old, "i1");
        assertThat(core.expect(fresh, NOON)).containsExactly(new Action.Reap("i1", DeathReason.REPLACED));
        assertThat(core.acquire(2, fresh, NOON)).containsExactly(new Action.Start("i2", fresh.release()));
    }

    @Test
    void oneFailureOfAReleaseThatNobodyAsksForIsForgotten() {
        Wanted wanted = release().wanted();
        core.acquire(1, wanted, NOON);
        core.startFailed("i1", ErrorCode.START_FAILED, "exit 1", NOON);
        core.reaped("i1", NOON);
        assertThat(core.knows(wanted.release().release())).isTrue();
        core.tick(NOON.plus(SMALL.waiting().backoffMax()).plusSeconds(1));
        assertThat(core.knows(wanted.release().release())).isFalse();
    }
}
