package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.LifeStep;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.PoolConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The life of a real process in the pool, as those who look see it. */
@Timeout(60)
final class WarmPoolLivesTest implements PoolListener {
    private static final AppRef APP = AppRef.of("local", "shop");
    private static final ReleaseToRun RELEASE = new ReleaseToRun(
            new ReleaseRef(APP, 1),
            "sha256:0",
            new ProcessSpec(List.of("/bin/sh", "-c", "exec python3 -m http.server $PORT"), Map.of(), "/"),
            Map.of(),
            AppSpec.DEFAULTS);

    private final List<InstanceView> told = new CopyOnWriteArrayList<>();

    @Test
    void isShownFromBirthToDeathAndToldWhileItHappens(@TempDir Path folder) throws Exception {
        try (WarmPool pool = new WarmPool(
                PoolConfig.DEFAULTS,
                new PoolParts(new OnlyProcesses(), _ -> List.of(folder), folder.resolve("run")),
                this,
                Clock.systemUTC(),
                "one")) {
            Lease lease = lease(pool);
            assertThat(stages(pool)).containsExactly(LifeStage.STARTING, LifeStage.SERVING);
            lease.end(false);
            assertThat(stages(pool)).containsExactly(LifeStage.STARTING, LifeStage.SERVING, LifeStage.READY);
            await(view -> view.served() == 1 && last(view) == LifeStage.READY);

            pool.destroyAll(APP, DeathReason.DESTROYED);
            InstanceView dead = pool.list().getFirst();
            assertThat(dead.state()).isEqualTo(InstanceState.REAPED);
            assertThat(dead.diedOf()).hasValue(DeathReason.DESTROYED);
            assertThat(dead.boundAt()).isEmpty();
            assertThat(last(dead)).isEqualTo(LifeStage.STOPPING);
            assertThat(dead.life().getFirst().since()).isEqualTo(dead.bornAt());
            assertThat(dead.life().getLast().since())
                    .isBeforeOrEqualTo(dead.diedAt().orElseThrow());
            await(view -> view.equals(dead));
        }
    }

    private static Lease lease(WarmPool pool) throws Exception {
        LeaseOutcome outcome = pool.lease(RELEASE)
                .outcome()
                .toCompletionStage()
                .toCompletableFuture()
                .get(40, TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(LeaseOutcome.Leased.class);
        return ((LeaseOutcome.Leased) outcome).lease();
    }

    private static List<LifeStage> stages(WarmPool pool) {
        return pool.list().getFirst().life().stream().map(LifeStep::stage).toList();
    }

    private static LifeStage last(InstanceView view) {
        return view.life().getLast().stage();
    }

    private void await(Predicate<InstanceView> wanted) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (told.stream().noneMatch(wanted)) {
            assertThat(System.nanoTime()).as("told: %s", told).isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void instanceChanged(InstanceView instance) {
        told.add(instance);
    }

    @Override
    public void line(ReleaseRef release, String instanceId, boolean stderr, String line) {
        // What it prints is not the question.
    }
}
