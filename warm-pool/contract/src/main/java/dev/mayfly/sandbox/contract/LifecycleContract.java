package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.Sweep;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** From start to nothing left. */
public interface LifecycleContract {
    Subject subject();

    /** The class opened once more on the same folder, as a server that came before has done. Closed by the suite. */
    SandboxRuntime another() throws Exception;

    @Test
    default void tellsTheExitCode() throws Exception {
        for (int code : new int[] {0, 7, 255}) {
            Started ended = subject().run(subject().shell("exit " + code));
            assertThat(ended.exit().code()).isEqualTo(code);
            assertThat(ended.exit().reason()).isEqualTo(code == 0 ? DeathReason.EXIT : DeathReason.CRASH);
        }
    }

    @Test
    default void deliversAllOutputInOrderAndByStream() throws Exception {
        Started ended = subject()
                .run(subject()
                        .shell("i=0; while [ $i -lt 2000 ]; do echo out $i; echo err $i >&2; i=$((i+1)); done;"
                                + " printf 'no end'"));
        List<String> out = new ArrayList<>(
                IntStream.range(0, 2_000).mapToObj(i -> "out " + i).toList());
        out.add("no end");
        assertThat(ended.out().equals(out))
                .as("%d lines of standard output", ended.out().size())
                .isTrue();
        List<String> err = IntStream.range(0, 2_000).mapToObj(i -> "err " + i).toList();
        assertThat(ended.err().equals(err))
                .as("%d lines of standard error", ended.err().size())
                .isTrue();
    }

    @Test
    default void asksItToStop() throws Exception {
        try (Started it =
                subject().start(subject().shell("trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"))) {
            it.awaitLine("up");
            it.sandbox().terminate();
            assertThat(it.exit().code()).isEqualTo(3);
        }
    }

    @Test
    default void destroysWhatDoesNotWantToGo() throws Exception {
        Started it =
                subject().start(subject().shell("trap '' TERM INT HUP; echo up; while :; do sleep 1 & wait; done"));
        it.awaitLine("up");
        it.close();
        assertThat(it.exit().code()).isNotZero();
    }

    @Test
    default void destroyingTwiceAtOnceAndAgainIsFine() throws Exception {
        Started it = subject().start(subject().shell("echo up; sleep 60"));
        it.awaitLine("up");
        CompletableFuture<Void> other = CompletableFuture.runAsync(it::close);
        it.close();
        other.join();
        it.close();
    }

    @Test
    default void whatIsDestroyedWhileItStartsLeavesNothing() throws Exception {
        List<String> before = MachineState.state();
        for (int i = 0; i < 3; i++) {
            subject().start(subject().shell("sleep 60")).close();
        }
        assertThat(MachineState.newSince(before)).isEmpty();
    }

    @Test
    default void severalAtOnceLeaveNothing() throws Exception {
        List<String> before = MachineState.state();
        try (var threads = Executors.newFixedThreadPool(4)) {
            List<Future<Integer>> codes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int code = i;
                codes.add(threads.submit(() -> subject()
                        .run(subject().shell("sleep 5 & exit " + code))
                        .exit()
                        .code()));
            }
            for (int i = 0; i < codes.size(); i++) {
                assertThat(codes.get(i).get()).isEqualTo(i);
            }
        }
        if (subject().offers(Can.ISOLATE)) {
            assertThat(MachineState.newSince(before)).isEmpty();
        }
    }

    @Test
    default void sweepsWhatAPredecessorLeft() throws Exception {
        if (!subject().offers(Can.SWEEP)) {
            assertThat(subject().runtime().sweep()).isEqualTo(Sweep.NOTHING);
            return;
        }
        try (Started orphan = subject().by(another()).start(subject().shell("echo up; exec sleep 600"))) {
            orphan.awaitLine("up");
            // The sandbox, and its root if it has one.
            int all = subject().offers(Can.ROOT) ? 2 : 1;
            assertThat(subject().runtime().sweep()).isEqualTo(new Sweep(all, List.of()));
            assertThat(orphan.exit().code()).isNotZero();
            assertThat(subject().runtime().sweep()).isEqualTo(Sweep.NOTHING);
        }
    }

    @Test
    default void aSweepLeavesAloneWhatLives() throws Exception {
        int used = subject().runtime().health().used();
        try (Started it =
                subject().start(subject().shell("trap 'exit 3' TERM; echo up; while :; do sleep 0.05; done"))) {
            it.awaitLine("up");
            assertThat(subject().runtime().sweep()).isEqualTo(Sweep.NOTHING);
            if (subject().offers(Can.ISOLATE)) {
                assertThat(subject().runtime().health().used()).isEqualTo(used + 1);
            }
            if (subject().offers(Can.ROOT)) {
                assertThat(subject().runtime().health().roots()).isPositive();
            }
            it.sandbox().terminate();
            assertThat(it.exit().code()).isEqualTo(3);
        }
        assertThat(subject().runtime().health().used()).isEqualTo(used);
        assertThat(subject().runtime().health().quarantined()).isZero();
    }

    @Test
    default void aFrozenOneUsesNoTimeAndGoesOnWhenThawed() throws Exception {
        try (Started it = subject().start(subject().shell("echo up; while :; do :; done"))) {
            it.awaitLine("up");
            if (!subject().offers(Can.FREEZE)) {
                assertRefused(() -> it.sandbox().freeze());
                assertRefused(() -> it.sandbox().thaw());
                return;
            }
            it.sandbox().freeze();
            Duration before = it.sandbox().usage().cpu();
            Thread.sleep(300); // Time in which it must do nothing.
            assertThat(it.sandbox().usage().cpu()).isEqualTo(before);
            CompletableFuture<Void> begun = it.sandbox().beginThaw().orElse(null);
            if (begun == null) {
                it.sandbox().thaw();
            }
            assertThat(it.sandbox().usage()).as("asked after it").isNotNull();
            assertThat(begun == null || begun.isDone()).as("done before").isTrue();
            long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (it.sandbox().usage().cpu().equals(before)) {
                assertThat(System.nanoTime() - deadline).isNegative();
                Thread.sleep(10);
            }
            it.sandbox().freeze();
            long begin = System.nanoTime();
            assertThat(it.sandbox().destroy()).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .as("destroying a frozen one")
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    default void tellsWhatItHasUsed() throws Exception {
        try (Started it = subject()
                .start(subject()
                        .shell(
                                "x=$(head -c 8000000 /dev/zero | tr '\\0' x); i=0; while [ $i -lt 100000 ]; do i=$((i+1));"
                                        + " done; sleep 60 & echo up; wait"))) {
            it.awaitLine("up");
            if (!subject().offers(Can.MEASURE)) {
                assertRefused(() -> it.sandbox().usage());
                return;
            }
            var used = it.sandbox().usage();
            assertThat(used.cpu()).isBetween(Duration.ofMillis(20), Duration.ofSeconds(30));
            assertThat(used.memoryBytes()).isBetween(1_000_000L, 200_000_000L);
            assertThat(used.memoryPeakBytes()).isBetween(8_000_000L, 200_000_000L);
            assertThat(used.pids()).isGreaterThanOrEqualTo(2);
        }
    }

    private void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(MayflyException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED);
            assertThat(e.detail()).contains("'" + subject().runtime().name() + "' cannot");
        });
    }
}
