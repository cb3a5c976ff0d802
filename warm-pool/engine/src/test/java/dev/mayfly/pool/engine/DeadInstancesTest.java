package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DeadInstancesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final DeadInstances dead = new DeadInstances();

    @Test
    void showsThoseOfAllAppsTheLastFirst() {
        dead.add(instance("a", "one", 1));
        dead.add(instance("b", "two", 2));
        dead.add(instance("a", "three", 3));
        assertThat(ids(NOON)).containsExactly("three", "two", "one");
    }

    @Test
    void keepsABoundedNumberOfEachApp() {
        dead.add(instance("quiet", "only", 0));
        for (int i = 0; i < DeadInstances.OF_APP_MAX + 50; i++) {
            dead.add(instance("busy", "ins" + i, i + 1));
        }
        assertThat(ids(NOON))
                .hasSize(DeadInstances.OF_APP_MAX + 1)
                .contains("only", "ins149")
                .doesNotContain("ins49");
    }

    @Test
    void keepsABoundedNumberInAllAndLosesTheOldest() {
        int apps = DeadInstances.ALL_MAX / DeadInstances.OF_APP_MAX + 5;
        for (int i = 0; i < apps * DeadInstances.OF_APP_MAX; i++) {
            dead.add(instance("app" + i % apps, "ins" + i, i));
        }
        int lost = apps * DeadInstances.OF_APP_MAX - DeadInstances.ALL_MAX;
        assertThat(ids(NOON))
                .hasSize(DeadInstances.ALL_MAX)
                .contains("ins" + lost)
                .doesNotContain("ins" + (lost - 1));
    }

    @Test
    void forgetsAfterAnHourButForTheLastOfAnApp() {
        for (int i = 0; i < 20; i++) {
            dead.add(instance("a", "ins" + i, i));
        }
        Instant tenOfThemInTheHour = NOON.plus(Duration.ofHours(1)).plusSeconds(10);
        assertThat(ids(tenOfThemInTheHour)).hasSize(10).contains("ins10").doesNotContain("ins9");
        assertThat(ids(NOON.plus(Duration.ofDays(1))))
                .hasSize(DeadInstances.OF_APP_KEPT)
                .contains("ins19");
    }

    private List<String> ids(Instant now) {
        return dead.seenAt(now).stream().map(InstanceView::id).toList();
    }

    private static InstanceView instance(String app, String id, int second) {
        return new InstanceView(
                id,
                new ReleaseRef(AppRef.of("local", app), 1),
                "server",
                "native",
                InstanceState.REAPED,
                0,
                1,
                NOON,
                Optional.empty(),
                Optional.empty(),
                Optional.of(NOON.plusSeconds(second)),
                Optional.of(DeathReason.IDLE),
                Optional.empty(),
                List.of());
    }
}
