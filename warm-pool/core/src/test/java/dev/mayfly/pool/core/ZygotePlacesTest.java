package dev.mayfly.pool.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.TenantName;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Who has a zygote of its own. */
class ZygotePlacesTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final ZygotePlaces places = new ZygotePlaces(2);

    private static OwnZygote of(String tenant) {
        return of("python", tenant);
    }

    private static OwnZygote of(String name, String tenant) {
        return new OwnZygote(name, new TenantName(tenant));
    }

    private void use(OwnZygote zygote, int times, Instant now) {
        for (int i = 0; i < times; i++) {
            places.used(zygote, now);
        }
    }

    @Test
    void whoAsksFirstHasAFreePlaceAndNobodyElse() {
        places.ask(of("a"));
        places.ask(of("b"));
        places.ask(of("c"));
        assertThat(places.has(of("a"))).isTrue();
        assertThat(places.has(of("b"))).isTrue();
        assertThat(places.has(of("c"))).isFalse();
    }

    @Test
    void whoMakesMuchMoreThanTheWeakestTakesItsPlace() {
        use(of("a"), 40, NOON);
        use(of("b"), 10, NOON);
        use(of("c"), 19, NOON);
        assertThat(places.has(of("c"))).isFalse();
        assertThat(places.used(of("c"), NOON)).contains(of("b"));
        assertThat(places.has(of("c"))).isTrue();
        assertThat(places.has(of("a"))).isTrue();
        assertThat(places.has(of("b"))).isFalse();
    }

    @Test
    void equalsDoNotTakePlacesFromEachOtherInTurn() {
        int moves = 0;
        for (int i = 0; i < 600; i++) {
            moves += places.used(of("t" + i % 3), NOON.plusMillis(i * 100L)).isPresent() ? 1 : 0;
        }
        assertThat(moves).isZero();
    }

    @Test
    void fewInstancesAreNoReasonToStartAZygoteWhereNoPlaceIsFree() {
        places.ask(of("a"));
        places.ask(of("b"));
        use(of("c"), 15, NOON);
        assertThat(places.has(of("c"))).isFalse();
        use(of("c"), 1, NOON);
        assertThat(places.has(of("c"))).isTrue();
    }

    @Test
    void whatWasLongAgoCountsLess() {
        use(of("a"), 100, NOON);
        use(of("b"), 100, NOON);
        Instant later = NOON.plus(Duration.ofMinutes(15));
        use(of("c"), 24, later);
        assertThat(places.has(of("c"))).isFalse();
        use(of("c"), 1, later);
        assertThat(places.has(of("c"))).isTrue();
    }

    @Test
    void aStormOfOneTenantInAllLanguagesLeavesAnotherItsPlace() {
        use(of("python", "calm"), 20, NOON);
        use(of("python", "storm"), 100, NOON);
        use(of("other", "storm"), 79, NOON);
        assertThat(places.has(of("python", "calm"))).isTrue();
        places.leave(new TenantName("calm"));
        use(of("other", "storm"), 1, NOON);
        use(of("python", "calm"), 80, NOON);
        assertThat(places.has(of("python", "calm"))).isTrue();
        assertThat(places.has(of("python", "storm"))).isTrue();
    }

    @Test
    void withoutPlacesNobodyHasOne() {
        ZygotePlaces none = new ZygotePlaces(0);
        assertThat(none.used(of("a"), NOON)).isEmpty();
        assertThat(none.has(of("a"))).isFalse();
    }
}
