package dev.mayfly.sandbox.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.sandbox.network.LinkPool.Action;
import dev.mayfly.sandbox.network.LinkPool.Claim;
import dev.mayfly.sandbox.network.LinkPool.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LinkPoolTest {
    private static final NetworkPoolConfig CONFIG = new NetworkPoolConfig(4, 10, 2, Duration.ofSeconds(60), 1_000);

    @Test
    void fillsUpAtABoundedRate() {
        LinkPool pool = new LinkPool(100, new NetworkPoolConfig(50, 10, 0, Duration.ofSeconds(1), 1), 0);
        assertThat(pool.plan(0, 100)).hasSize(10);
        assertThat(pool.plan(500, 100)).hasSize(5);
        assertThat(pool.plan(500, 100)).isEmpty();
        assertThat(pool.plan(100_000, 100))
                .as("no more than a second's worth at once")
                .hasSize(10);
    }

    @Test
    void aPoolOfNoneMakesEachWhenItIsNeeded() {
        LinkPool pool = new LinkPool(4, new NetworkPoolConfig(0, 10, 0, Duration.ofSeconds(1), 1), 0);
        assertThat(pool.plan(0, 100)).isEmpty();
        assertThat(pool.claim("a", 0)).isInstanceOf(Claim.Make.class);
    }

    @Test
    void whatStandsReadyIsTakenAtOnceAndReplaced() {
        LinkPool pool = new LinkPool(10, CONFIG, 0);
        List<Action> first = pool.plan(0, 100);
        assertThat(first).hasSize(4);
        first.forEach(action -> pool.made(((Action.Make) action).link()));
        assertThat(pool.claim("a", 0)).isInstanceOf(Claim.Take.class);
        assertThat(pool.plan(1_000, 100)).hasSize(1);
    }

    @Test
    void whatWasUsedComesBackToItsOwnTenantOnly() {
        LinkPool pool = new LinkPool(10, CONFIG, 0);
        int used = make(pool, "a");
        pool.release(used, "a", 0);
        assertThat(pool.claim("b", 1)).isInstanceOf(Claim.Make.class);
        assertThat(pool.claim("a", 1)).isEqualTo(new Claim.Take(used));
    }

    @Test
    void whatIsKeptTooLongOrTooMuchIsDestroyed() {
        LinkPool pool = new LinkPool(10, new NetworkPoolConfig(0, 0, 2, Duration.ofSeconds(60), 1_000), 0);
        List<Integer> used = List.of(make(pool, "a"), make(pool, "a"), make(pool, "a"));
        for (int i = 0; i < used.size(); i++) {
            pool.release(used.get(i), "a", i);
        }
        assertThat(pool.plan(3, 100)).containsExactly(new Action.Destroy(used.get(0)));
        assertThat(pool.plan(60_000, 100)).as("not yet for the last").isEqualTo(List.of());
        assertThat(pool.plan(60_001, 100)).containsExactly(new Action.Destroy(used.get(1)));
        assertThat(pool.claim("a", 60_002)).as("too late for the last").isInstanceOf(Claim.Make.class);
    }

    @Test
    void destroysAtABoundedRate() {
        LinkPool pool = new LinkPool(10, new NetworkPoolConfig(0, 0, 0, Duration.ofSeconds(1), 2), 0);
        List<Integer> used = List.of(make(pool, "a"), make(pool, "a"), make(pool, "a"));
        used.forEach(link -> pool.release(link, null, 0));
        assertThat(pool.plan(0, 100)).hasSize(2);
        assertThat(pool.plan(499, 100)).isEmpty();
        assertThat(pool.plan(500, 100)).hasSize(1);
    }

    @Test
    void aLinkIsFreeOnlyWhenItWasProvedGone() {
        LinkPool pool = new LinkPool(1, new NetworkPoolConfig(0, 0, 0, Duration.ofSeconds(1), 10), 0);
        int only = make(pool, "a");
        assertThat(pool.claim("b", 0)).isEqualTo(new Claim.Full(false));
        pool.release(only, "a", 0);
        assertThat(pool.claim("b", 0)).isEqualTo(new Claim.Full(true));
        assertThat(pool.plan(0, 1)).containsExactly(new Action.Destroy(only));
        pool.stuck(only, 0);
        assertThat(pool.stuck()).containsExactly(only);
        assertThat(pool.plan(29_999, 1)).as("left alone for a while").isEmpty();
        assertThat(pool.plan(30_000, 1)).containsExactly(new Action.Destroy(only));
        pool.gone(only);
        assertThat(pool.stuck()).isEmpty();
        assertThat(pool.claim("b", 30_000)).isEqualTo(new Claim.Make(only));
    }

    @Test
    void whatIsFoundOfAFreeLinkIsDestroyedBeforeItIsMadeAgain() {
        LinkPool pool = new LinkPool(2, new NetworkPoolConfig(0, 0, 0, Duration.ofSeconds(1), 10), 0);
        int used = make(pool, "a");
        int free = 1 - used;
        assertThat(pool.found(used, 0)).as("one that is claimed").isFalse();
        assertThat(pool.found(free, 0)).isTrue();
        assertThat(pool.found(free, 0)).as("again").isFalse();
        assertThat(pool.claim("b", 0)).isEqualTo(new Claim.Full(true));
        assertThat(pool.plan(0, 10)).containsExactly(new Action.Destroy(free));
        pool.gone(free);
        assertThat(pool.claim("b", 0)).isEqualTo(new Claim.Make(free));
    }

    @Test
    void whenAllAreUsedTheKeptOnesOfOthersMakeRoom() {
        LinkPool pool = new LinkPool(2, new NetworkPoolConfig(0, 0, 2, Duration.ofSeconds(60), 10), 0);
        int first = make(pool, "a");
        make(pool, "a");
        pool.release(first, "a", 0);
        assertThat(pool.claim("b", 0)).isEqualTo(new Claim.Full(true));
        assertThat(pool.plan(0, 10)).containsExactly(new Action.Destroy(first));
        pool.gone(first);
        assertThat(pool.claim("b", 0)).isEqualTo(new Claim.Make(first));
    }

    @Test
    void whatAPredecessorLeftIsAdoptedOnceOrDestroyedAfterAMinute() {
        LinkPool pool = new LinkPool(4, new NetworkPoolConfig(0, 10, 2, Duration.ofSeconds(60), 1_000), 0);
        pool.left(0, 0);
        pool.left(2, 0);
        assertThat(pool.adopt(0)).isTrue();
        assertThat(pool.adopt(0)).isFalse();
        assertThat(pool.adopt(1)).as("nobody left it").isFalse();
        assertThat(pool.adopt(-1)).isFalse();
        assertThat(pool.adopt(4)).isFalse();
        assertThat(List.of(make(pool, "a"), make(pool, "a"))).containsExactly(1, 3);
        assertThat(pool.claim("a", 0)).isInstanceOf(Claim.Full.class);
        assertThat(pool.found(2, 59_999)).isFalse();
        assertThat(pool.plan(59_999, 100)).isEmpty();
        assertThat(pool.plan(60_000, 100)).containsExactly(new Action.Destroy(2));
        pool.release(0, null, 60_000);
        assertThat(pool.plan(60_000, 100)).containsExactly(new Action.Destroy(0));
    }

    @Test
    void nothingIsGivenBackTwice() {
        LinkPool pool = new LinkPool(2, CONFIG, 0);
        int link = make(pool, "a");
        pool.release(link, "a", 0);
        assertThatThrownBy(() -> pool.release(link, "a", 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.gone(link)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.made(link)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pool.failed(link, 0)).isInstanceOf(IllegalStateException.class);
    }

    /** Any order of events: nobody shares a link, no tenant gets another's, none is lost, all come home. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theBooksAddUpWhateverHappens(long seed) {
        Random random = new Random(seed);
        int links = 24;
        LinkPool pool = new LinkPool(links, new NetworkPoolConfig(4, 20, 3, Duration.ofSeconds(2), 50), 0);
        Map<Integer, String> held = new HashMap<>();
        Map<Integer, String> usedBy = new HashMap<>();
        List<Integer> making = new ArrayList<>();
        Map<Integer, String> awaited = new HashMap<>();
        List<Integer> destroying = new ArrayList<>();
        long now = 0;
        for (int step = 0; step < 20_000; step++) {
            now += random.nextInt(40);
            switch (random.nextInt(7)) {
                case 0, 1 -> {
                    String tenant = "t" + random.nextInt(4);
                    switch (pool.claim(tenant, now)) {
                        case Claim.Take(int link) -> {
                            assertThat(held).doesNotContainKey(link);
                            assertThat(usedBy.getOrDefault(link, tenant)).isEqualTo(tenant);
                            held.put(link, tenant);
                        }
                        case Claim.Make(int link) -> {
                            assertThat(usedBy).doesNotContainKey(link);
                            making.add(link);
                            awaited.put(link, tenant);
                        }
                        case Claim.Full(boolean soon) ->
                            assertThat(soon || held.size() + awaited.size() == links)
                                    .isTrue();
                    }
                }
                case 2, 3 ->
                    pick(held.keySet(), random).forEach(link -> {
                        usedBy.put(link, held.remove(link));
                    });
                case 4 -> pick(making, random).forEach(link -> making.remove(Integer.valueOf(link)));
                default -> {}
            }
            // What the picks above took out is told to the pool here, so that the lambdas stay free of time.
            for (int link : new HashSet<>(usedBy.keySet())) {
                if (!held.containsKey(link) && pool.state(link) == State.CLAIMED) {
                    pool.release(link, random.nextInt(5) == 0 ? null : usedBy.get(link), now);
                }
            }
            for (int link = 0; link < links; link++) {
                State state = pool.state(link);
                boolean isMaking = state == State.MAKING || state == State.MAKING_CLAIMED;
                if (isMaking && !making.contains(link)) {
                    String tenant = awaited.remove(link);
                    if (random.nextInt(8) == 0) {
                        pool.failed(link, now);
                    } else {
                        assertThat(pool.made(link)).isEqualTo(tenant != null);
                        if (tenant != null) {
                            held.put(link, tenant);
                        }
                    }
                }
            }
            for (Action action : pool.plan(now, 1 + random.nextInt(4))) {
                switch (action) {
                    case Action.Make(int link) -> making.add(link);
                    case Action.Destroy(int link) -> destroying.add(link);
                }
            }
            if (!destroying.isEmpty() && random.nextBoolean()) {
                int link = destroying.removeFirst();
                if (random.nextInt(6) == 0) {
                    pool.stuck(link, now);
                } else {
                    pool.gone(link);
                    usedBy.remove(link);
                }
            }
            assertThat(pool.count(State.CLAIMED)).isEqualTo(held.size());
            assertThat(pool.count(State.READY) + pool.count(State.MAKING)).isLessThanOrEqualTo(4);
            assertThat(pool.count(State.KEPT)).isLessThanOrEqualTo(3);
            assertThat(pool.count(State.DESTROYING)).isEqualTo(destroying.size());
        }
        assertThat(held.size() + making.size() + destroying.size()).isGreaterThan(0);
    }

    private static List<Integer> pick(Iterable<Integer> from, Random random) {
        List<Integer> all = new ArrayList<>();
        from.forEach(all::add);
        return all.isEmpty() ? List.of() : List.of(all.get(random.nextInt(all.size())));
    }

    private static int make(LinkPool pool, String tenant) {
        int link = ((Claim.Make) pool.claim(tenant, 0)).link();
        assertThat(pool.made(link)).isTrue();
        return link;
    }

    @Test
    void numbersGoRoundSoThatWhatWasGivenBackRestsLongest() {
        LinkPool pool = new LinkPool(3, new NetworkPoolConfig(0, 0, 0, Duration.ofSeconds(1), 10), 0);
        int first = make(pool, "a");
        pool.release(first, null, 0);
        pool.plan(0, 1);
        pool.gone(first);
        Set<Integer> next = new HashSet<>(List.of(make(pool, "a"), make(pool, "a")));
        assertThat(next).doesNotContain(first);
    }
}
