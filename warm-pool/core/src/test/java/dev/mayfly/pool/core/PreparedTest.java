package dev.mayfly.pool.core;

import static dev.mayfly.pool.core.Releases.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.DeathReason;
import dev.mayfly.pool.api.StartKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Instances of isolation "request": which are made ahead of their one request. */
class PreparedTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final AtomicInteger ids = new AtomicInteger();
    private final PoolCore core = new PoolCore(PoolConfig.DEFAULTS, () -> "i" + ids.incrementAndGet());
    private final Wanted learned = release().once().learned().wanted();
    private Instant now = NOON;
    private long ticket;
    private Duration takes = Duration.ofMillis(8);

    @Test
    void anInstanceOfIsolationRequestServesOnceAndItsReplacementIsPreparedMeanwhile() {
        Wanted wanted = release().once().wanted();
        core.expect(wanted, NOON);
        core.acquire(1, wanted, NOON);
        core.started("i1", NOON);
        assertThat(core.tick(NOON)).containsExactly(new Action.Start("i2", wanted.release()));
        core.started("i2", NOON);
        assertThat(core.released("i1", false, NOON)).containsExactly(new Action.Reap("i1", DeathReason.SERVED));
        assertThat(core.acquire(2, wanted, NOON))
                .containsExactly(new Action.Grant(2, "i2", StartKind.FRESH), new Action.Start("i3", wanted.release()));
    }

    @Test
    void preparedInstancesGoWhenNobodyComes() {
        Wanted wanted = release().once().wanted();
        core.expect(wanted, NOON);
        core.acquire(1, wanted, NOON);
        core.started("i1", NOON);
        core.tick(NOON);
        core.started("i2", NOON);
        core.released("i1", false, NOON);
        core.reaped("i1", NOON);
        assertThat(core.tick(NOON.plusSeconds(299))).isEmpty();
        assertThat(core.tick(NOON.plusSeconds(300))).containsExactly(new Action.Reap("i2", DeathReason.IDLE));
    }

    @Test
    void oneThatIsThereInNoTimeIsNotPreparedForARequestThatIsFarOff() {
        core.expect(learned, now);
        for (int i = 0; i < 20; i++) {
            call();
            pass(Duration.ofSeconds(240 + 17L * i));
        }
        int before = ids.get();
        assertThat(call()).isEqualTo(StartKind.COLD);
        pass(Duration.ofMinutes(4));
        assertThat(ids.get() - before).isEqualTo(1);
        assertThat(core.instances()).isZero();
    }

    @Test
    void oneThatTakesLongIsPreparedForTheSameRequest() {
        takes = Duration.ofMillis(800);
        core.expect(learned, now);
        for (int i = 0; i < 20; i++) {
            call();
            pass(Duration.ofSeconds(240 + 17L * i));
        }
        assertThat(call()).isEqualTo(StartKind.FRESH);
    }

    @Test
    void oneThatIsThereInNoTimeIsPreparedForARequestThatIsNear() {
        core.expect(learned, now);
        for (int i = 0; i < 20; i++) {
            call();
            pass(Duration.ofSeconds(2));
        }
        assertThat(call()).isEqualTo(StartKind.FRESH);
    }

    @Test
    void requestsThatOverlapHaveTheirNextPreparedThoughItIsNeverIdle() {
        core.expect(learned, now);
        List<Action> actions = new ArrayList<>(core.acquire(1, learned, now));
        actions.addAll(core.acquire(2, learned, now));
        assertThat(actions)
                .containsExactly(new Action.Start("i1", learned.release()), new Action.Start("i2", learned.release()));
        now = now.plusMillis(8);
        core.started("i1", now);
        core.started("i2", now);
        assertThat(core.tick(now.plusMillis(250))).contains(new Action.Start("i3", learned.release()));
    }

    /** A request that comes and leaves. Returns what it met. */
    private StartKind call() {
        long mine = ++ticket;
        List<Action> actions = new ArrayList<>(core.acquire(mine, learned, now));
        List<StartKind> met = new ArrayList<>();
        for (int i = 0; i < actions.size(); i++) {
            switch (actions.get(i)) {
                case Action.Start started -> {
                    now = now.plus(takes);
                    actions.addAll(core.started(started.instance(), now));
                }
                case Action.Grant grant -> {
                    met.add(grant.kind());
                    actions.addAll(core.released(grant.instance(), false, now));
                }
                case Action.Reap reap -> actions.addAll(core.reaped(reap.instance(), now));
                default -> throw new IllegalStateException(actions.get(i).toString());
            }
        }
        assertThat(met).hasSize(1);
        return met.getFirst();
    }

    private void pass(Duration time) {
        Instant until = now.plus(time);
        while (now.isBefore(until)) {
            now = now.plusMillis(250);
            for (Action action : core.tick(now)) {
                if (action instanceof Action.Start start) {
                    now = now.plus(takes);
                    core.started(start.instance(), now);
                } else if (action instanceof Action.Reap reap) {
                    core.reaped(reap.instance(), now);
                }
            }
        }
    }
}
