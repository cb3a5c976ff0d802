package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.LifeStep;
import dev.mayfly.pool.api.ReleaseToRun;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class InstanceTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final ReleaseToRun RELEASE = new ReleaseToRun(
            new ReleaseRef(AppRef.of("local", "shop"), 3),
            "sha256:0",
            new ProcessSpec(List.of("/bin/true"), Map.of(), "/"),
            Map.of(),
            AppSpec.DEFAULTS);

    @Test
    void whatStartedGenericShowsItsTenantWhenItWasBornAndWhenItWasBound() {
        Instance instance = new Instance("ins_1", null, "native", NOON);
        assertThat(instance.bound()).isFalse();
        instance.life.enter(LifeStage.GENERIC, NOON.plusSeconds(1));
        instance.bind(RELEASE, NOON.plusSeconds(60));
        assertThat(instance.bound()).isTrue();
        InstanceView view = instance.view("one", InstanceState.STARTING, 0, 0);
        assertThat(view.bornAt()).isEqualTo(NOON);
        assertThat(view.boundAt()).hasValue(NOON.plusSeconds(60));
        assertThat(view.life())
                .containsExactly(
                        new LifeStep(LifeStage.STARTING, NOON),
                        new LifeStep(LifeStage.GENERIC, NOON.plusSeconds(1)),
                        new LifeStep(LifeStage.BOUND, NOON.plusSeconds(60)));
    }

    @Test
    void whatStartedForItsReleaseWasNeverBound() {
        assertThat(new Instance("ins_1", RELEASE, "native", NOON)
                        .view("one", InstanceState.STARTING, 0, 0)
                        .boundAt())
                .isEmpty();
    }
}
