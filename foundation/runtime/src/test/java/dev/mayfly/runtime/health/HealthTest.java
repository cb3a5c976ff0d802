package dev.mayfly.runtime.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

final class HealthTest {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Health health = new Health();

    @Test
    void tellsWhatDoesNotWorkAndNothingElse() throws InterruptedException {
        health.add(Part.DATABASE, "query", Optional::empty);
        health.add(Part.BUILDS, "disk", () -> Optional.of("3 MiB are free (expected: 500 MiB)"));
        health.add(Part.PUSHES, "git", () -> {
            throw new AssertionError("it is gone");
        });
        // On a busy machine one may have no answer in time at first.
        List<Trouble> expected = List.of(
                new Trouble(Part.BUILDS, "disk", "3 MiB are free (expected: 500 MiB)"),
                new Trouble(Part.PUSHES, "git", "java.lang.AssertionError: it is gone"));
        assertThat(awaitTroubles(expected::equals)).isEqualTo(expected);
    }

    @Test
    void aCheckWhoseThreadDidNotStartIsATroubleAndIsAskedAgain() throws InterruptedException {
        AtomicBoolean room = new AtomicBoolean();
        Health crowded = new Health(task -> room.get()
                ? Thread.ofVirtual().unstarted(task)
                : new Thread(task) {
                    @Override
                    public void start() {
                        throw new OutOfMemoryError("of the test");
                    }
                });
        crowded.add(Part.DATABASE, "query", Optional::empty);
        assertThat(awaitTroubles(crowded, troubles -> troubles.size() == 1)
                        .getFirst()
                        .what())
                .contains("OutOfMemoryError: of the test");
        room.set(true);
        awaitTroubles(crowded, List::isEmpty);
    }

    @Test
    void aCheckThatHangsIsATroubleAndIsNotAskedOnceMore() throws InterruptedException {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        health.add(Part.STARTS, "launcher", () -> {
            asked.incrementAndGet();
            end.await();
            return Optional.empty();
        });
        try {
            assertThat(health.troubles())
                    .singleElement()
                    .satisfies(trouble -> assertThat(trouble.what()).startsWith("no answer for"));
            awaitTroubles(1);
            assertThat(asked).hasValue(1);
        } finally {
            end.countDown();
        }
        awaitTroubles(0);
    }

    @Test
    void whoAsksOftenGetsTheSameAnswer() throws InterruptedException {
        AtomicInteger asked = new AtomicInteger();
        health.add(Part.DATABASE, "query", () -> {
            asked.incrementAndGet();
            return Optional.empty();
        });
        long begin = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
            health.troubles();
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
        assertThat(asked.get()).isBetween(1, 2 + (int) seconds);
    }

    @Test
    void aCheckThatIsClosedSaysNothing() throws InterruptedException {
        health.add(Part.STARTS, "gone", () -> Optional.of("closed")).close();
        assertThat(health.troubles()).isEmpty();
    }

    @Test
    void aLoopGoesOnAfterAnyThrowableOnTheSameThread() throws InterruptedException {
        AtomicInteger turns = new AtomicInteger();
        AtomicReference<Thread> first = new AtomicReference<>();
        AtomicReference<Thread> last = new AtomicReference<>();
        CountDownLatch third = new CountDownLatch(3);
        try (Supervised _ = health.loop(Part.STARTS, "test-loop", () -> {
            third.countDown();
            last.set(Thread.currentThread());
            switch (turns.incrementAndGet()) {
                case 1 -> {
                    first.set(Thread.currentThread());
                    throw new OutOfMemoryError("of the test");
                }
                case 2 -> throw new IllegalStateException("of the test");
                default -> new CountDownLatch(1).await();
            }
        })) {
            assertThat(third.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(last.get()).isSameAs(first.get());
        }
    }

    @Test
    void aLoopThatFailsAgainAndAgainIsATroubleUntilItWorks() throws InterruptedException {
        AtomicReference<Boolean> broken = new AtomicReference<>(true);
        try (Supervised _ = health.loop(Part.STARTS, "test-loop", () -> {
            if (broken.get()) {
                throw new StackOverflowError("of the test");
            }
            Thread.sleep(1);
        })) {
            List<Trouble> troubles = awaitTroubles(1);
            assertThat(troubles.getFirst().what()).contains("StackOverflowError: of the test");
            broken.set(false);
            awaitTroubles(0);
        }
    }

    @Test
    void aPeriodicLoopGoesOnAfterAnError() throws InterruptedException {
        CountDownLatch third = new CountDownLatch(3);
        try (Supervised _ = health.every(Part.STARTS, "test-tick", Duration.ofMillis(1), () -> {
            third.countDown();
            throw new OutOfMemoryError("of the test");
        })) {
            assertThat(third.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aClosedLoopHasNoThreadAndNoCheck() throws InterruptedException {
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch in = new CountDownLatch(1);
        Supervised loop = health.loop(Part.STARTS, "test-loop", () -> {
            thread.set(Thread.currentThread());
            in.countDown();
            new CountDownLatch(1).await();
        });
        assertThat(in.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        loop.close();
        assertThat(thread.get().isAlive()).isFalse();
        assertThat(health.troubles()).isEmpty();
    }

    @Test
    void anInterruptOfSomebodyElseDoesNotEndALoop() throws InterruptedException {
        AtomicInteger turns = new AtomicInteger();
        AtomicReference<Thread> thread = new AtomicReference<>();
        CountDownLatch in = new CountDownLatch(1);
        CountDownLatch again = new CountDownLatch(2);
        try (Supervised _ = health.loop(Part.STARTS, "test-loop", () -> {
            turns.incrementAndGet();
            thread.set(Thread.currentThread());
            in.countDown();
            again.countDown();
            new CountDownLatch(1).await();
        })) {
            assertThat(in.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            thread.get().interrupt();
            assertThat(again.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }

    private List<Trouble> awaitTroubles(int count) throws InterruptedException {
        return awaitTroubles(troubles -> troubles.size() == count);
    }

    private List<Trouble> awaitTroubles(Predicate<List<Trouble>> expected) throws InterruptedException {
        return awaitTroubles(health, expected);
    }

    private static List<Trouble> awaitTroubles(Health health, Predicate<List<Trouble>> expected)
            throws InterruptedException {
        long deadline = System.nanoTime() + SOON.toNanos();
        List<Trouble> troubles = health.troubles();
        while (!expected.test(troubles) && System.nanoTime() < deadline) {
            Thread.sleep(20);
            troubles = health.troubles();
        }
        assertThat(expected.test(troubles)).as("%s", troubles).isTrue();
        return troubles;
    }
}
