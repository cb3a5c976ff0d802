package dev.mayfly.pool.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class DemandTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final Demand demand = new Demand();

    @Test
    void withoutClaimsNothingIsHeld() {
        assertThat(demand.target(NOON)).isZero();
    }

    @Test
    void claimsFurtherApartThanARefillNeedOne() {
        demand.refilled(Duration.ofMillis(500));
        for (int i = 0; i < 100; i++) {
            demand.claimed(NOON.plusSeconds(i));
        }
        assertThat(demand.target(NOON.plusSeconds(100))).isEqualTo(1);
    }

    @Test
    void aSteadyRateNeedsWhatIsClaimedDuringARefill() {
        demand.refilled(Duration.ofMillis(450));
        for (int i = 0; i < 200; i++) {
            demand.claimed(NOON.plusMillis(100L * i));
        }
        assertThat(demand.target(NOON.plusSeconds(20))).isEqualTo(5);
    }

    /** However fast refills are: the machine may stand still for a moment. */
    @Test
    void aFastRefillNeedsWhatIsClaimedDuringAStall() {
        demand.refilled(Duration.ofMillis(5));
        for (int i = 0; i < 200; i++) {
            demand.claimed(NOON.plusMillis(10L * i));
        }
        assertThat(demand.target(NOON.plusSeconds(2))).isEqualTo(11);
    }

    @Test
    void aBurstNeedsAllOfItself() {
        demand.refilled(Duration.ofMillis(300));
        for (int i = 0; i < 12; i++) {
            demand.claimed(NOON);
        }
        assertThat(demand.target(NOON)).isEqualTo(12);
    }

    @Test
    void oneClaimInAHundredMayFindNothing() {
        demand.refilled(Duration.ofMillis(300));
        for (int i = 0; i < 199; i++) {
            demand.claimed(NOON.plusSeconds(i));
        }
        demand.claimed(NOON.plusSeconds(198));
        assertThat(demand.target(NOON.plusSeconds(199))).isEqualTo(1);
    }

    @Test
    void whatWasClaimedLongAgoSaysNothing() {
        demand.refilled(Duration.ofMillis(300));
        demand.claimed(NOON);
        assertThat(demand.target(NOON.plus(Duration.ofMinutes(11)))).isZero();
    }

    @Test
    void slowRefillsAreForgottenSlowly() {
        demand.refilled(Duration.ofSeconds(2));
        demand.refilled(Duration.ofMillis(100));
        assertThat(demand.refill()).isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(2));
        demand.refilled(Duration.ofSeconds(3));
        assertThat(demand.refill()).isEqualTo(Duration.ofSeconds(3));
    }
}
