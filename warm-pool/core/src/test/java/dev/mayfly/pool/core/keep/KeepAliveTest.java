package dev.mayfly.pool.core.keep;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
    private static final Duration WORTH = Duration.ofHours(1);
    private static final Duration START = Duration.ofMillis(300);

    @Test
    void fixedKeepsForItsTime() {
        Plan plan = new FixedKeepAlive(Duration.ofMinutes(10)).unknown().plan(START);
        assertThat(plan.loadedAt(Duration.ZERO)).isTrue();
        assertThat(plan.loadedAt(Duration.ofMinutes(10).minusMillis(1))).isTrue();
        assertThat(plan.loadedAt(Duration.ofMinutes(10))).isFalse();
    }

    @Test
    void theHistogramKeepsByItsFallbackUntilItKnows() {
        Habit habit = new HistogramKeepAlive(Duration.ofHours(4), Duration.ofMinutes(10)).unknown();
        habit.idleEnded(Duration.ofMinutes(30));
        habit.idleEnded(Duration.ofMinutes(30));
        assertThat(habit.plan(START)).isEqualTo(Plan.keepFor(Duration.ofMinutes(10)));
    }

    @Test
    void theHistogramUnloadsAndLoadsAgainByItsMargins() {
        Habit habit = new HistogramKeepAlive(Duration.ofHours(4), Duration.ofMinutes(10)).unknown();
        for (int i = 0; i < 20; i++) {
            habit.idleEnded(Duration.ofMinutes(30));
        }
        Plan.Window window = habit.plan(START).windows().getFirst();
        assertThat(window.from()).isEqualTo(Duration.ofMinutes(27));
        assertThat(window.until()).isEqualTo(Duration.ofMillis(Math.round(1.1 * 31 * 60_000)));
    }

    @Test
    void theHistogramTestsTheSpreadOfItsBinsNotOfTheTimes() {
        Habit habit = new HistogramKeepAlive(Duration.ofMinutes(4), Duration.ofMinutes(10)).unknown();
        for (int minute = 0; minute < 4; minute++) {
            habit.idleEnded(Duration.ofMinutes(minute));
        }
        assertThat(habit.plan(START)).isEqualTo(Plan.keepFor(Duration.ofMinutes(10)));
    }

    @Test
    void anUnknownAppIsKeptForAWhileButNotForEver() {
        Plan plan = new LearnedKeepAlive(WORTH).unknown().plan(START);
        assertThat(plan.loadedAt(Duration.ZERO)).isTrue();
        assertThat(plan.loadedAt(Duration.ofMinutes(1))).isTrue();
        assertThat(plan.loadedAt(Duration.ofHours(20))).isFalse();
    }

    @Test
    void aTimerIsUnloadedAndLoadedShortlyBeforeItFires() {
        Habit habit = new LearnedKeepAlive(WORTH).unknown();
        for (int i = 0; i < 12; i++) {
            habit.idleEnded(Duration.ofMinutes(30));
        }
        Plan plan = habit.plan(START);
        assertThat(plan.loadedAt(Duration.ofMinutes(15))).isFalse();
        assertThat(plan.loadedAt(Duration.ofMinutes(30))).isTrue();
        assertThat(loadedSeconds(plan, Duration.ofHours(1))).isLessThan(10 * 60);
    }

    @Test
    void aTimerWithBurstsHasAWindowForEach() {
        Habit habit = new LearnedKeepAlive(WORTH).unknown();
        for (int i = 0; i < 8; i++) {
            habit.idleEnded(Duration.ofSeconds(20));
            habit.idleEnded(Duration.ofHours(1));
        }
        Plan plan = habit.plan(START);
        assertThat(plan.loadedAt(Duration.ofSeconds(20))).isTrue();
        assertThat(plan.loadedAt(Duration.ofMinutes(25))).isFalse();
        assertThat(plan.loadedAt(Duration.ofHours(1))).isTrue();
        assertThat(plan.windows()).hasSizeGreaterThan(1);
    }

    @Test
    void whatScattersIsKeptWideAndWhatIsWorthMoreIsKeptLonger() {
        Random random = new Random(7);
        Habit cheap = new LearnedKeepAlive(Duration.ofMinutes(6)).unknown();
        Habit dear = new LearnedKeepAlive(Duration.ofHours(6)).unknown();
        for (int i = 0; i < 30; i++) {
            Duration idle = Duration.ofSeconds(60 + random.nextInt(1_200));
            cheap.idleEnded(idle);
            dear.idleEnded(idle);
        }
        Duration hour = Duration.ofHours(1);
        assertThat(loadedSeconds(dear.plan(START), hour)).isGreaterThan(2 * loadedSeconds(cheap.plan(START), hour));
        assertThat(dear.plan(START).loadedAt(Duration.ofMinutes(10))).isTrue();
    }

    @Test
    void whatStartsInNoTimeIsKeptOnlyForARequestThatIsNear() {
        Habit habit = new LearnedKeepAlive(WORTH).unknown();
        for (int i = 0; i < 30; i++) {
            habit.idleEnded(Duration.ofSeconds(i % 2 == 0 ? 2 : 300 + 20 * i));
        }
        Duration seconds = Duration.ofSeconds(2);
        Duration minutes = Duration.ofMinutes(8);
        assertThat(habit.plan(START).loadedAt(seconds)).isTrue();
        assertThat(habit.plan(START).loadedAt(minutes)).isTrue();
        Plan quick = habit.plan(Duration.ofMillis(8));
        assertThat(quick.loadedAt(seconds)).isTrue();
        assertThat(quick.loadedAt(minutes)).isFalse();
        assertThat(loadedSeconds(quick, Duration.ofHours(1))).isLessThan(10);
    }

    @Test
    void whatOthersDoTellsOfWhoIsNew() {
        LearnedKeepAlive policy = new LearnedKeepAlive(WORTH);
        Duration five = Duration.ofMinutes(7);
        double before = policy.unknown().urgency(five);
        for (int app = 0; app < 100; app++) {
            policy.unknown().idleEnded(five);
        }
        assertThat(policy.unknown().urgency(five)).isGreaterThan(2 * before);
    }

    @Test
    void urgencyGrowsTowardsTheTimerAndFallsBehindIt() {
        Habit habit = new LearnedKeepAlive(WORTH).unknown();
        for (int i = 0; i < 12; i++) {
            habit.idleEnded(Duration.ofMinutes(30));
        }
        double at = habit.urgency(Duration.ofMinutes(30));
        assertThat(at).isGreaterThan(5 * habit.urgency(Duration.ofMinutes(3)));
        assertThat(at).isGreaterThan(5 * habit.urgency(Duration.ofMinutes(50)));
    }

    private static int loadedSeconds(Plan plan, Duration until) {
        int loaded = 0;
        for (int second = 0; second < until.toSeconds(); second++) {
            loaded += plan.loadedAt(Duration.ofSeconds(second)) ? 1 : 0;
        }
        return loaded;
    }
}
