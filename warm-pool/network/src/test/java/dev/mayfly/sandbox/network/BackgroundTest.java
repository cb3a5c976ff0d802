package dev.mayfly.sandbox.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Trouble;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever ends a turn of the networks' loops, the next one comes, and nobody waits for what will not come. */
final class BackgroundTest {
    private static final int SOON_S = 20;

    /** What the next link meets; links are made by nothing otherwise. */
    private final ConcurrentLinkedQueue<Throwable> faults = new ConcurrentLinkedQueue<>();

    /** Links are destroyed as far as this allows. */
    private final Semaphore held = new Semaphore(1_000);

    private final Semaphore destroying = new Semaphore(0);

    private final Registry registry = new Registry();
    private final Health health = new Health();
    private final Background background = new Background(new Maker(), registry, health);

    @AfterEach
    void close() {
        background.close();
    }

    @Test
    void anErrorWhileALinkIsMadeReachesWhoWaitsAndTheNextLinkIsMade() throws Exception {
        faults.add(new OutOfMemoryError("of the test"));
        CompletableFuture<Integer> first = background.make(1);
        assertThatThrownBy(() -> first.get(SOON_S, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(OutOfMemoryError.class);
        assertThat(registry.failed.poll(SOON_S, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(background.make(2).get(SOON_S, TimeUnit.SECONDS)).isEqualTo(2);
    }

    @Test
    void anErrorOfTheBooksDoesNotEndTheLoop() throws Exception {
        registry.fault.add(new StackOverflowError("of the test"));
        background.wake();
        assertThat(background.make(3).get(SOON_S, TimeUnit.SECONDS)).isEqualTo(3);
    }

    @Test
    void anErrorWhileLinksAreDestroyedLeavesThemToBeTriedAgain() throws Exception {
        faults.add(new OutOfMemoryError("of the test"));
        registry.next.add(new LinkPool.Action.Destroy(4));
        background.wake();
        awaitNoFault();
        registry.next.add(new LinkPool.Action.Destroy(5));
        background.wake();
        assertThat(registry.stuck.poll(SOON_S, TimeUnit.SECONDS)).isEqualTo(4);
        assertThat(registry.gone.poll(SOON_S, TimeUnit.SECONDS)).isEqualTo(5);
    }

    @Test
    void anErrorWhileTheEndOfLinksIsNotedLosesNoneOfThem() throws Exception {
        held.drainPermits();
        registry.next.add(new LinkPool.Action.Destroy(3));
        background.wake();
        destroying.acquire();
        for (int link = 4; link <= 6; link++) {
            registry.next.add(new LinkPool.Action.Destroy(link));
        }
        background.wake();
        background.make(9).get(SOON_S, TimeUnit.SECONDS); // After what was planned before it.
        registry.failsAtGone.add(5);
        held.release(1_000);
        assertThat(registry.stuck.poll(SOON_S, TimeUnit.SECONDS)).isEqualTo(5);
        assertThat(registry.stuck.poll(SOON_S, TimeUnit.SECONDS)).isEqualTo(6);
        assertThat(registry.gone).containsExactly(3, 4);
    }

    @Test
    void aLinkThatCouldNotBeMadeIsToldUntilOneIs() throws Exception {
        faults.add(new IllegalStateException("the kernel refuses"));
        CompletableFuture<Integer> first = background.make(1);
        assertThatThrownBy(() -> first.get(SOON_S, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        assertThat(health.troubles()).extracting(Trouble::toString).anyMatch(each -> each.contains("kernel refuses"));
        background.make(2).get(SOON_S, TimeUnit.SECONDS);
        awaitNoTrouble();
    }

    private void awaitNoFault() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON_S);
        while (!faults.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(5);
        }
        assertThat(faults).isEmpty();
    }

    private void awaitNoTrouble() throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON_S);
        while (!health.troubles().isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        assertThat(health.troubles()).isEmpty();
    }

    private final class Maker implements Background.Maker {
        @Override
        public void make(int link) {
            fail();
        }

        @Override
        public List<Integer> destroy(List<Integer> links) {
            destroying.release();
            held.acquireUninterruptibly();
            fail();
            return List.of();
        }

        private void fail() {
            Throwable fault = faults.isEmpty() ? null : faults.remove();
            if (fault instanceof Error error) {
                throw error;
            }
            if (fault instanceof RuntimeException exception) {
                throw exception;
            }
        }
    }

    private static final class Registry implements Background.Registry {
        private final LinkedBlockingQueue<Integer> failed = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<Integer> gone = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<Integer> stuck = new LinkedBlockingQueue<>();
        private final ConcurrentLinkedQueue<LinkPool.Action> next = new ConcurrentLinkedQueue<>();
        private final Set<Integer> failsAtGone = ConcurrentHashMap.newKeySet();
        private final ConcurrentLinkedQueue<Error> fault = new ConcurrentLinkedQueue<>();

        @Override
        public List<LinkPool.Action> plan(int max) {
            Error error = fault.poll();
            if (error != null) {
                throw error;
            }
            List<LinkPool.Action> actions = new ArrayList<>();
            for (LinkPool.Action each; (each = next.poll()) != null; ) {
                actions.add(each);
            }
            return actions;
        }

        @Override
        public boolean busy() {
            return false;
        }

        @Override
        public void made(int link) {}

        @Override
        public void failed(int link) {
            failed.add(link);
        }

        @Override
        public void gone(int link) {
            if (failsAtGone.remove(link)) {
                throw new OutOfMemoryError("of the test");
            }
            gone.add(link);
        }

        @Override
        public void stuck(int link) {
            if (gone.contains(link)) {
                throw new IllegalStateException("link " + link + " is FREE");
            }
            stuck.add(link);
        }

        @Override
        public void watch() {}
    }
}
