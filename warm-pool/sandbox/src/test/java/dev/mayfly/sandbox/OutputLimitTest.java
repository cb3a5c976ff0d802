package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutputLimitTest {
    private static final int PIECE = 16 * 1024;

    private long now;
    private final OutputLimit limit = new OutputLimit(() -> now);

    @Test
    void aBurstPassesAtOnceAndTheRestAtItsRate() {
        long waited = 0;
        for (long passed = 0; passed < OutputLimit.BURST_BYTES; passed += PIECE) {
            waited += limit.take(PIECE);
        }
        assertThat(waited).isZero();
        for (long passed = 0; passed < 10 * OutputLimit.BYTES_PER_SECOND; passed += PIECE) {
            now += limit.take(PIECE);
        }
        assertThat(Duration.ofNanos(now)).isBetween(Duration.ofMillis(9_990), Duration.ofMillis(10_010));
    }

    @Test
    void whoPausesMayBurstAgainAndNoMore() {
        while (limit.take(PIECE) == 0) {}
        now += Duration.ofHours(1).toNanos();
        int passed = 0;
        while (limit.take(PIECE) == 0) {
            passed += PIECE;
        }
        assertThat(passed).isEqualTo((int) OutputLimit.BURST_BYTES);
    }
}
