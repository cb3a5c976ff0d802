package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.DeathReason;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.Sandbox;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Programs that take all they can get: held within their limits, and the machine is as before afterwards. Short forms;
 * {@code -Dmayfly.test.bombs=N} makes them N times as long.
 */
public interface BombsContract {
    int SIZE = Integer.getInteger("mayfly.test.bombs", 1);

    Subject subject();

    @Test
    default void floodsOfProcessesThreadsAndZombiesEndAtTheLimit() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        for (String kind : List.of("pids", "threads", "zombies")) {
            List<String> before = MachineState.state();
            Started ended = subject().run(subject().program("/workspace/probe", "bomb", kind));
            if (kind.equals("zombies") && subject().runtime().name().equals("runsc")) {
                // Its kernel keeps a few bytes of each in memory, and no process of the machine.
                assertThat(ended.out()).containsExactly("started 1000");
                continue;
            }
            assertThat(ended.text() + ended.exit().reason())
                    .as(kind)
                    .containsAnyOf("refused EAGAIN", DeathReason.PIDS_LIMIT.name(), DeathReason.OOM_KILLED.name());
            assertThat(ended.exit().code()).as(kind).isNotZero();
            assertThat(MachineState.newSince(before)).as(kind).isEmpty();
            assertNeighbourIsFine();
        }
    }

    /** The kernel counts these for users, and for whoever made a user's namespace: one sandbox' must be nobody else's. */
    @Test
    default void signalsTimersAndWatchesOfOneAreMissingToNobody() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        for (String kind : List.of("signals", "timers", "inotify")) {
            SandboxRequest flood = subject().program("/workspace/probe", "bomb", kind, "1");
            // With a limit of memory that is not met before the other.
            try (Started bomb = subject().start(flood.limits(512, 1.0, SandboxRequest.PIDS, SandboxRequest.TMP_MIB))) {
                if (!subject().runtime().name().equals("runsc")) { // A kernel of its own, which ends by its memory.
                    bomb.awaitLineThatBegins(kind + " ");
                    int got = Integer.parseInt(bomb.out().getFirst().replaceAll(".* after ", ""));
                    assertThat(got).as(kind).isBetween(16, 4_096);
                }
                List<String> all = List.of("signal got", "timer got", "inotify got");
                SandboxRequest one = subject().program("/workspace/probe", "bomb", "one");
                assertThat(subject().run(one.as(SandboxRequest.UID + 1)).out())
                        .as("a neighbour beside " + kind)
                        .isEqualTo(all);
                assertThat(HostCommands.run(subject().layer() + "/workspace/probe", "bomb", "one")
                                .lines())
                        .as("the machine's root beside " + kind)
                        .containsExactlyElementsOf(all);
            }
        }
    }

    @Test
    default void aForkBombIsHeldAndGoesWhenItIsDestroyed() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        List<String> before = MachineState.state();
        try (Started bomb = subject().start(subject().program("/workspace/probe", "bomb", "fork"))) {
            bomb.awaitLine("up");
            for (int i = 0; i < 3 * SIZE; i++) {
                assertNeighbourIsFine();
                if (!bomb.sandbox().exit().isDone()) {
                    assertThat(MachineState.state().stream().filter(line -> line.startsWith("process")))
                            .as("processes on the machine")
                            .hasSizeLessThan(SandboxRequest.PIDS + 100);
                }
            }
        }
        assertThat(MachineState.newSince(before)).isEmpty();
    }

    @Test
    default void openFilesAreLimited() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Started ended = subject().run(subject().program("/workspace/probe", "bomb", "fds"));
        assertThat(ended.out()).singleElement().asString().matches("fds refused EMFILE after 40\\d\\d");
    }

    @Test
    default void aFloodOfOutputIsDeliveredWithoutFillingMemory() throws Exception {
        int lines = 20_000 * SIZE;
        long begin = used();
        Started ended = subject().run(subject().program("/workspace/probe", "bomb", "log", String.valueOf(lines)));
        assertThat(ended.exit().code()).isZero();
        assertThat(ended.out()).hasSize(lines).allMatch(line -> line.length() == 1_000);
        assertThat(used() - begin).as("bytes in use for 20 MB of output").isLessThan(400_000_000L);
    }

    /** As one line without an end: what is printed goes to a log on the machine's disk. */
    @Test
    default void aFloodOfOutputIsHeldToItsRateAndTheProgramWaits() throws Exception {
        long seconds = 5;
        AtomicLong bytes = new AtomicLong();
        AtomicInteger longest = new AtomicInteger();
        long memory = used();
        SandboxRequest flood = subject()
                .shell("while :; do echo -n xxxxxxxxxxxxxxxx; done >&2 & exec busybox tr '\\0' x </dev/zero")
                .env(Map.of("PATH", "/bin"));
        long begin = System.nanoTime(); // Before it may print.
        Sandbox sandbox = subject().runtime().start(flood.spec("ins_flood", (_, line) -> {
            bytes.addAndGet(line.length());
            longest.accumulateAndGet(line.length(), Math::max);
        }));
        try {
            while (System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(seconds)) {
                Thread.sleep(50); // The flood is the time that it takes.
            }
            long printed = bytes.get(); // Before the clock, which goes on.
            double took = (System.nanoTime() - begin) / 1e9;
            assertThat(printed)
                    .as("bytes in %s s", took)
                    .isGreaterThan(1L << 20)
                    .isLessThan((8L << 20) + (long) (took * (4L << 20)) + (1L << 20));
            assertThat(longest.get()).isLessThanOrEqualTo(16 * 1024);
            assertThat(used() - memory).as("bytes in use").isLessThan(200_000_000L);
            assertThat(sandbox.exit()).as("it waits in its own pipe").isNotDone();
        } finally {
            assertThat(sandbox.destroy()).isEmpty();
        }
    }

    private void assertNeighbourIsFine() throws Exception {
        long begin = System.nanoTime();
        Started neighbour = subject().run(subject().shell("echo fine"));
        assertThat(neighbour.out()).containsExactly("fine");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
