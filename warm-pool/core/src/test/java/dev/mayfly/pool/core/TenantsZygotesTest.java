package dev.mayfly.pool.core;

import static dev.mayfly.pool.core.Releases.NODE;
import static dev.mayfly.pool.core.Releases.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.PoolView;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Instances that are forked know each other's secrets: they are of one tenant. */
class TenantsZygotesTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final AtomicInteger ids = new AtomicInteger();
    private final PoolCore core = core(1);

    private PoolCore core(int zygotes) {
        PoolConfig.Keeping d = PoolConfig.Keeping.DEFAULTS;
        PoolConfig.Keeping keeping = new PoolConfig.Keeping(
                d.keepAlive(),
                d.coldWorth(),
                d.freezeAfter(),
                d.preparedMax(),
                d.genericMin(),
                d.genericMax(),
                d.genericMemory(),
                d.zygotes(),
                zygotes);
        return new PoolCore(
                new PoolConfig(PoolConfig.Caps.DEFAULTS, PoolConfig.Waiting.DEFAULTS, keeping),
                () -> "i" + ids.incrementAndGet());
    }

    private static Wanted of(String tenant) {
        return release().of(tenant, "f").forked("python").once().wanted();
    }

    /** @param place how many were given before it, and one */
    private static OwnZygote own(String tenant, int place) {
        return new OwnZygote("python", new TenantName(tenant), place);
    }

    private static GenericKey forks(String tenant, int place) {
        return NODE.forkedFrom(own(tenant, place));
    }

    @Test
    void whatWasForkedForOneTenantIsNeverBoundToAnother() {
        PoolCore two = core(2);
        assertThat(two.expect(of("acme"), NOON)).containsExactly(new Action.StartGeneric("i1", forks("acme", 1)));
        two.started("i1", NOON);
        assertThat(two.expect(of("evil"), NOON)).containsExactly(new Action.StartGeneric("i2", forks("evil", 2)));
        assertThat(two.acquire(1, of("evil"), NOON))
                .containsExactly(new Action.Start("i3", of("evil").release(), Optional.of(forks("evil", 2))));
        assertThat(two.acquire(2, of("acme"), NOON))
                .contains(new Action.Bind("i1", of("acme").release()));
    }

    @Test
    void whoHasNoZygoteSharesInstancesThatAreStarted() {
        core.expect(of("first"), NOON);
        assertThat(core.expect(of("b"), NOON)).containsExactly(new Action.StartGeneric("i2", NODE));
        core.started("i2", NOON);
        assertThat(core.expect(of("c"), NOON)).isEmpty();
        assertThat(core.acquire(1, of("c"), NOON)).contains(new Action.Bind("i2", of("c").release()));
        assertThat(core.acquire(2, of("b"), NOON))
                .contains(new Action.Start("i4", of("b").release(), Optional.of(NODE)));
    }

    @Test
    void whoMakesManyMoreGetsTheZygoteAndTheOtherIsForkedNoMore() {
        core.expect(of("idle"), NOON);
        core.started("i1", NOON);
        core.expect(of("busy"), NOON);
        core.started("i2", NOON);
        List<Action> actions = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            actions.addAll(serve(i, of("busy"), NOON.plusSeconds(i)));
        }
        assertThat(actions).contains(new Action.RetireZygote(own("idle", 1)));
        assertThat(core.view().generics().stream().map(PoolView.Generic::key))
                .contains(forks("busy", 2).toString());
        assertThat(core.acquire(100, of("idle"), NOON.plusSeconds(20)))
                .filteredOn(action -> action instanceof Action.Start || action instanceof Action.Bind)
                .as("of one that was started")
                .isNotEmpty()
                .allMatch(action -> action instanceof Action.Start start
                        ? start.generic().equals(Optional.of(NODE))
                        : action instanceof Action.Bind bind && !bind.instance().equals("i1"));
    }

    /** A request from its coming to its end, with all that is done meanwhile. */
    private List<Action> serve(long ticket, Wanted wanted, Instant now) {
        List<Action> done = new ArrayList<>();
        Deque<Action> actions = new ArrayDeque<>(core.acquire(ticket, wanted, now));
        while (!actions.isEmpty()) {
            Action action = actions.remove();
            done.add(action);
            actions.addAll(
                    switch (action) {
                        case Action.Start(String id, var _, var _) -> core.started(id, now);
                        case Action.StartGeneric(String id, var _) -> core.started(id, now);
                        case Action.Bind(String id, var _) -> core.started(id, now);
                        case Action.Grant grant -> core.released(grant.instance(), false, now);
                        case Action.Reap(String id, var _) -> core.reaped(id, now);
                        default -> List.<Action>of();
                    });
        }
        return done;
    }

    @Test
    void aTenantThatLeftLeavesNothingForItsNamesake() {
        core.expect(of("acme"), NOON);
        core.started("i1", NOON);
        assertThat(core.destroyAll(AppRef.of("acme", "f"), DeathReason.DESTROYED))
                .containsExactly(
                        new Action.RetireZygote(own("acme", 1)), new Action.Reap("i1", DeathReason.TENANT_LEFT));
        assertThat(core.expect(of("acme"), NOON)).containsExactly(new Action.StartGeneric("i2", forks("acme", 2)));
        assertThat(core.acquire(1, of("acme"), NOON))
                .as("what was forked before it left is not claimed")
                .noneMatch(Action.Bind.class::isInstance);
    }

    @Test
    void aTenantWithAnotherAppKeepsItsZygote() {
        core.expect(of("acme"), NOON);
        core.expect(release().of("acme", "g").wanted(), NOON);
        assertThat(core.destroyAll(AppRef.of("acme", "f"), DeathReason.DESTROYED))
                .isEmpty();
    }
}
