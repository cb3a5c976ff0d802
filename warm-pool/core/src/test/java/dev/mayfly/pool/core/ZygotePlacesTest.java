package dev.mayfly.pool.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.TenantName;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who has a zygote of its own. */
class ZygotePlacesTest {
    private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private final ZygotePlaces places = new ZygotePlaces(2);

    private static ZygotePlaces.Asker of(String tenant) {
        return of("python", tenant);
    }

    private static ZygotePlaces.Asker of(String name, String tenant) {
        return new ZygotePlaces.Asker(name, new TenantName(tenant));
    }

    private void use(ZygotePlaces.Asker zygote, int times, Instant now) {
        for (int i = 0; i < times; i++) {
            places.used(zygote, now);
        }
    }

    @Test
    void whoAsksFirstHasAFreePlaceAndNobodyElse() {
        places.ask(of("a"));
        places.ask(of("b"));
        places.ask(of("c"));
        assertThat(places.of(of("a"))).isPresent();
        assertThat(places.of(of("b"))).isPresent();
        assertThat(places.of(of("c"))).isEmpty();
    }

    @Test
    void whoMakesMuchMoreThanTheWeakestTakesItsPlace() {
        use(of("a"), 40, NOON);
        use(of("b"), 10, NOON);
        use(of("c"), 19, NOON);
        assertThat(places.of(of("c"))).isEmpty();
        Optional<OwnZygote> weakest = places.of(of("b"));
        assertThat(places.used(of("c"), NOON)).isPresent().isEqualTo(weakest);
        assertThat(places.of(of("c"))).isPresent();
        assertThat(places.of(of("a"))).isPresent();
        assertThat(places.of(of("b"))).isEmpty();
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
        assertThat(places.of(of("c"))).isEmpty();
        use(of("c"), 1, NOON);
        assertThat(places.of(of("c"))).isPresent();
    }

    @Test
    void whatWasLongAgoCountsLess() {
        use(of("a"), 100, NOON);
        use(of("b"), 100, NOON);
        Instant later = NOON.plus(Duration.ofMinutes(15));
        use(of("c"), 24, later);
        assertThat(places.of(of("c"))).isEmpty();
        use(of("c"), 1, later);
        assertThat(places.of(of("c"))).isPresent();
    }

    @Test
    void aStormOfOneTenantInAllLanguagesLeavesAnotherItsPlace() {
        use(of("python", "calm"), 20, NOON);
        use(of("python", "storm"), 100, NOON);
        use(of("other", "storm"), 79, NOON);
        assertThat(places.of(of("python", "calm"))).isPresent();
        places.leave(new TenantName("calm"));
        use(of("other", "storm"), 1, NOON);
        use(of("python", "calm"), 80, NOON);
        assertThat(places.of(of("python", "calm"))).isPresent();
        assertThat(places.of(of("python", "storm"))).isPresent();
    }

    /** What is forked for who comes later is not forked from it, in whatever order the two are heard of. */
    @Test
    void aPlaceThatIsGivenAgainIsAnotherZygote() {
        places.ask(of("a"));
        OwnZygote first = places.of(of("a")).orElseThrow();
        places.ask(of("a"));
        assertThat(places.of(of("a"))).contains(first);
        assertThat(places.leave(new TenantName("a"))).containsExactly(first);
        places.ask(of("a"));
        assertThat(places.of(of("a"))).isPresent().get().isNotEqualTo(first);
    }

    @Test
    void withoutPlacesNobodyHasOne() {
        ZygotePlaces none = new ZygotePlaces(0);
        assertThat(none.used(of("a"), NOON)).isEmpty();
        assertThat(none.of(of("a"))).isEmpty();
    }
}
