package dev.mayfly.pool.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories against what must always hold. The seed is in the test's name and in its failure; {@code
 * -Dmayfly.pool.seed=N} repeats one.
 */
class RandomHistoriesTest {
    private static final int STEPS = 4_000;
    private static final int SEEDS = 24;

    static LongStream seeds() {
        Long given = Long.getLong("mayfly.pool.seed");
        return given != null
                ? LongStream.of(given)
                : LongStream.concat(LongStream.rangeClosed(1, SEEDS), LongStream.of(new Random().nextLong()));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepsItsPromises(long seed) {
        PoolModel model = new PoolModel(new Random(seed));
        try {
            model.run(STEPS);
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + " (-Dmayfly.pool.seed=" + seed + " repeats it): " + e, e);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theSameHistoryHasTheSameActions(long seed) {
        List<String> first = new ArrayList<>();
        List<String> second = new ArrayList<>();
        new PoolModel(new Random(seed), first::add).run(500);
        new PoolModel(new Random(seed), second::add).run(500);
        assertThat(first).as("seed " + seed).isEqualTo(second).isNotEmpty();
    }

    @Test
    void theHistoriesHaveEveryActionInThem() {
        Set<String> seen = new HashSet<>();
        for (long seed = 1; seed <= 5; seed++) {
            new PoolModel(new Random(seed), action -> seen.add(action.substring(0, action.indexOf('[')))).run(STEPS);
        }
        assertThat(seen)
                .containsExactlyInAnyOrder(Arrays.stream(Action.class.getPermittedSubclasses())
                        .map(Class::getSimpleName)
                        .toArray(String[]::new));
    }
}
