package dev.mayfly.pool.core;

import static dev.mayfly.pool.core.Releases.NODE;
import static dev.mayfly.pool.core.Releases.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.StartKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Instances that are nobody's yet: how many are held, and whose they become. */
class GenericPoolTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final AtomicInteger ids = new AtomicInteger();
    private final PoolCore core = new PoolCore(PoolConfig.DEFAULTS, () -> "i" + ids.incrementAndGet());

    @Test
    void bindsAGenericInstanceRatherThanStartOneAndReplacesItWhenItHasServed() {
        Wanted wanted = release().generic().wanted();
        assertThat(core.expect(wanted, NOON)).containsExactly(new Action.StartGeneric("i1", NODE));
        core.started("i1", NOON.plusMillis(300));
        assertThat(core.acquire(1, wanted, NOON.plusSeconds(1)))
                .containsExactly(new Action.Bind("i1", wanted.release()));
        assertThat(core.started("i1", NOON.plusSeconds(1))).containsExactly(new Action.Grant(1, "i1", StartKind.POOL));
        assertThat(core.released("i1", false, NOON.plusSeconds(1)))
                .containsExactly(new Action.StartGeneric("i2", NODE));
    }

    @Test
    void aBindThatTakesLongIsNotWaitedFor() {
        Wanted wanted = release().generic().wanted();
        core.expect(wanted, NOON);
        core.started("i1", NOON);
        core.acquire(1, wanted, NOON.plusSeconds(1));
        assertThat(core.tick(NOON.plusMillis(1_049))).isEmpty();
        assertThat(core.tick(NOON.plusMillis(1_050))).containsExactly(new Action.StartGeneric("i2", NODE));
    }

    @Test
    void whoComesBesideABindFindsItsReplacementUnderWay() {
        Wanted wanted = release().generic().wanted();
        core.expect(wanted, NOON);
        core.started("i1", NOON);
        core.acquire(1, wanted, NOON.plusSeconds(1));
        Wanted other = release().app("b").generic().wanted();
        assertThat(core.acquire(2, other, NOON.plusSeconds(1)))
                .contains(
                        new Action.Start("i2", other.release(), Optional.of(NODE)),
                        new Action.StartGeneric("i3", NODE));
    }

    @Test
    void holdsAsManyGenericInstancesAsAreClaimedWhileOneIsReplaced() {
        Wanted wanted = release().generic().wanted();
        core.expect(wanted, NOON);
        core.started("i1", NOON.plusMillis(500));
        core.acquire(1, wanted, NOON.plusSeconds(1));
        core.acquire(2, release().app("b").generic().wanted(), NOON.plusMillis(1_100));
        core.started("i1", NOON.plusSeconds(2));
        core.started("i2", NOON.plusSeconds(2));
        core.started("i3", NOON.plusSeconds(2));
        assertThat(core.tick(NOON.plusSeconds(3))).containsExactly(new Action.StartGeneric("i4", NODE));
    }

    @Test
    void countsWhatGenericInstancesWereThereForAndWhatNot() {
        Wanted wanted = release().generic().wanted();
        core.acquire(1, wanted, NOON);
        assertThat(core.view().genericMisses()).isEqualTo(1);
        core.expect(wanted, NOON);
        core.tick(NOON.plusSeconds(1));
        PoolView.Generic aimed = core.view().generics().getFirst();
        assertThat(aimed.starting()).isPositive();
        core.started("i2", NOON.plusSeconds(2));
        core.acquire(2, release().app("b").generic().wanted(), NOON.plusSeconds(3));
        PoolView view = core.view();
        assertThat(view.genericClaims()).isEqualTo(1);
        assertThat(view.genericMisses()).isEqualTo(1);
        assertThat(view.generics().getFirst().claims()).isEqualTo(1);
        assertThat(view.generics().getFirst().misses()).isEqualTo(1);
        assertThat(view.caps().instances()).isEqualTo(PoolConfig.DEFAULTS.caps().instancesMax());
    }

    @Test
    void kindsThatNobodyClaimsHoldNoMoreThanAShareOfAll() {
        int kinds = PoolConfig.DEFAULTS.caps().instancesMax();
        for (int kind = 0; kind < kinds; kind++) {
            Instant at = NOON.plusSeconds(kind);
            start(core.expect(release().app("a" + kind).generic("kind-" + kind).wanted(), at), at);
        }
        Instant later = NOON.plusSeconds(kinds);
        for (int second = 0; second < 120; second++) {
            start(core.tick(later.plusSeconds(second)), later.plusSeconds(second));
        }
        List<PoolView.Generic> held = core.view().generics().stream()
                .filter(each -> each.target() > 0)
                .toList();
        assertThat(held).hasSize(kinds / 4).allMatch(each -> each.target() == 1);
        assertThat(held)
                .extracting(PoolView.Generic::key)
                .contains("kind-" + (kinds - 1))
                .doesNotContain("kind-0");
        assertThat(core.instances()).isEqualTo(kinds / 4);
    }

    private void start(List<Action> actions, Instant at) {
        for (Action action : actions) {
            if (action instanceof Action.StartGeneric start) {
                start(core.started(start.instance(), at), at);
            } else if (action instanceof Action.Reap reap) {
                start(core.reaped(reap.instance(), at), at);
            }
        }
    }
}
