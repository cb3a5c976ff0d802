package dev.mayfly.pool.engine;

import static dev.mayfly.pool.api.LifeStage.BOUND;
import static dev.mayfly.pool.api.LifeStage.FROZEN;
import static dev.mayfly.pool.api.LifeStage.GENERIC;
import static dev.mayfly.pool.api.LifeStage.READY;
import static dev.mayfly.pool.api.LifeStage.SERVING;
import static dev.mayfly.pool.api.LifeStage.STARTING;
import static dev.mayfly.pool.api.LifeStage.STOPPING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.LifeStep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LifeTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private final Life life = new Life(NOON);

    @Test
    void tellsWhatHappenedWhen() {
        life.enter(GENERIC, at(100));
        life.enter(BOUND, at(5_000));
        life.enter(READY, at(5_010));
        life.enter(SERVING, at(5_020));
        life.leaves(at(5_030));
        life.enter(FROZEN, at(15_000));
        life.enter(STOPPING, at(20_000));
        assertThat(life.steps())
                .containsExactly(
                        new LifeStep(STARTING, NOON),
                        new LifeStep(GENERIC, at(100)),
                        new LifeStep(BOUND, at(5_000)),
                        new LifeStep(READY, at(5_010)),
                        new LifeStep(SERVING, at(5_020)),
                        new LifeStep(READY, at(5_030)),
                        new LifeStep(FROZEN, at(15_000)),
                        new LifeStep(STOPPING, at(20_000)));
    }

    @Test
    void aPauseOfLessThanASecondBetweenRequestsIsServing() {
        life.enter(READY, at(10));
        request(20, 30);
        request(1_029, 1_031);
        request(2_031, 2_040);
        assertThat(stages()).containsExactly(STARTING, READY, SERVING, READY, SERVING, READY);
        assertThat(life.steps().get(2).since()).isEqualTo(at(20));
        assertThat(life.steps().get(3).since()).isEqualTo(at(1_031));
    }

    @Test
    void theFirstRequestIsNoPartOfTheStart() {
        life.enter(READY, at(10));
        life.enter(SERVING, at(20));
        assertThat(stages()).containsExactly(STARTING, READY, SERVING);
    }

    @Test
    void whatLastsNoTimeIsLeftOutUnlessItIsARequest() {
        life.enter(READY, at(10));
        life.enter(SERVING, at(10));
        life.leaves(at(10));
        life.enter(STOPPING, at(10));
        assertThat(stages()).containsExactly(STARTING, SERVING, STOPPING);
    }

    @Test
    void nothingThatIsNotServingLeaves() {
        life.leaves(at(10));
        assertThat(stages()).containsExactly(STARTING);
    }

    @Test
    void remembersAnHourAndWhatBeganBeforeIt() {
        life.enter(READY, at(0).plusSeconds(1));
        request(60_000, 61_000);
        long later = Duration.ofMinutes(90).toMillis();
        life.enter(SERVING, at(later));
        assertThat(life.steps()).containsExactly(new LifeStep(READY, at(61_000)), new LifeStep(SERVING, at(later)));
    }

    @Test
    void isBoundedAndKeepsEveryRequestAndTheLongestPauses() {
        life.enter(READY, at(10));
        // Every thirtieth pause is a long one; each request is 5 ms.
        long time = 1_000;
        for (int i = 0; i < 300; i++) {
            request(time, time + 5);
            time += i % 30 == 29 ? 20_000 : 1_500;
            assertThat(life.steps()).hasSizeLessThanOrEqualTo(Life.STEPS_MAX);
        }
        List<LifeStep> steps = life.steps();
        for (int i = 1; i < steps.size(); i++) {
            assertThat(steps.get(i).since()).isAfterOrEqualTo(steps.get(i - 1).since());
            assertThat(steps.get(i).stage()).isNotEqualTo(steps.get(i - 1).stage());
        }
        long request = 1_000;
        for (int i = 0; i < 300; i++) {
            assertThat(stageAt(at(request + 2))).as("request %d", i).isEqualTo(SERVING);
            request += i % 30 == 29 ? 20_000 : 1_500;
        }
        assertThat(stageAt(at(1_000 + 29 * 1_500 + 10_000))).isEqualTo(READY);
    }

    @Test
    void isToldOnceForEachChange() {
        assertThat(life.isUntold()).isTrue();
        life.told();
        assertThat(life.isUntold()).isFalse();
        life.enter(READY, at(10));
        life.enter(SERVING, at(20));
        assertThat(life.isUntold()).isTrue();
        life.told();
        life.leaves(at(30));
        life.enter(SERVING, at(40));
        assertThat(life.isUntold()).as("it has served all the time").isFalse();
    }

    private void request(long from, long to) {
        life.enter(SERVING, at(from));
        life.leaves(at(to));
    }

    private List<LifeStage> stages() {
        return life.steps().stream().map(LifeStep::stage).toList();
    }

    private LifeStage stageAt(Instant when) {
        LifeStage stage = STARTING;
        for (LifeStep step : life.steps()) {
            if (!step.since().isAfter(when)) {
                stage = step.stage();
            }
        }
        return stage;
    }

    private static Instant at(long millis) {
        return NOON.plusMillis(millis);
    }
}
