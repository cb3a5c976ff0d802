package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.cluster.LocalCluster;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.control.live.LiveEvents;
import dev.mayfly.control.live.Occurrence;
import dev.mayfly.runtime.metrics.Metrics;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.network.Networks;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SandboxEventsTest {
    private final List<Occurrence> told = new ArrayList<>();
    private final Metrics metrics = new Metrics();
    private final SandboxEvents events = open();

    private SandboxEvents open() {
        LiveEvents live = new LiveEvents(new LocalCluster("one"), Clock.systemUTC());
        live.subscribe(told::add);
        return new SandboxEvents(live, metrics.registry(), "one");
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void whatASandboxLeavesIsCountedAndToldWithoutPathsOfTheMachine() {
        events.left("runc", "ins_1", List.of("cgroup /sys/fs/cgroup/x", "file /data/y"));
        assertThat(lines("mayfly_sandbox_leftovers_total"))
                .containsExactly("mayfly_sandbox_leftovers_total{found_by=\"reap\",what=\"runc\",} 1.0");
        assertThat(told).hasSize(1);
        assertThat(told.getFirst().event()).isEqualTo(new LiveEvent.SandboxQuarantined("one", "runc", 2, "ins_1"));
        assertThat(told.getFirst().tenant()).isEqualTo("local");
        assertThat(told.getFirst().json()).doesNotContain("/data/y", "cgroup");
    }

    @Test
    void aSweepThatFindsNothingIsOnlyCounted() {
        events.swept("native", Sweep.NOTHING);
        events.sweepFailed("docker");
        assertThat(lines("mayfly_sweeps_total"))
                .containsExactlyInAnyOrder(
                        "mayfly_sweeps_total{result=\"done\",what=\"native\",} 1.0",
                        "mayfly_sweeps_total{result=\"failed\",what=\"docker\",} 1.0");
        assertThat(told).isEmpty();
    }

    @Test
    void whatStaysInQuarantineIsToldWhenItChangesNotEveryMinute() {
        events.swept("runc", new Sweep(2, List.of("a")));
        events.swept("runc", new Sweep(0, List.of("a")));
        assertThat(told)
                .extracting(Occurrence::event)
                .containsExactly(
                        new LiveEvent.SandboxSwept("one", "runc", 2, null),
                        new LiveEvent.SandboxQuarantined("one", "runc", 1, null));
        events.swept("networks", new Sweep(0, List.of("a")));
        events.swept("runc", Sweep.NOTHING);
        events.swept("runc", new Sweep(0, List.of("a")));
        assertThat(told).hasSize(4);
        assertThat(lines("mayfly_sandbox_leftovers_total"))
                .containsExactly("mayfly_sandbox_leftovers_total{found_by=\"sweep\",what=\"runc\",} 2.0");
    }

    @Test
    void gaugesShowWhatIsThereForAsLongAsTheyAreAsked() {
        SandboxHealth health = new SandboxHealth(1, 2, 3, 4);
        Networks.Counts networks = new Networks.Counts(5, 6, 7, 8, 9);
        SandboxEvents.measure(() -> health, () -> networks, metrics.registry());
        System.gc(); // A gauge that holds on weakly has lost what it asks by now.
        assertThat(lines("mayfly_sandbox_"))
                .containsExactlyInAnyOrder(
                        "mayfly_sandbox_slots{state=\"used\",} 1.0",
                        "mayfly_sandbox_slots{state=\"ready\",} 2.0",
                        "mayfly_sandbox_slots{state=\"quarantined\",} 3.0",
                        "mayfly_sandbox_roots 4.0");
        assertThat(lines("mayfly_networks"))
                .contains("mayfly_networks{state=\"ready\",} 5.0", "mayfly_networks{state=\"stuck\",} 9.0")
                .hasSize(5);
    }

    private List<String> lines(String prefix) {
        return metrics.scrape().lines().filter(line -> line.startsWith(prefix)).toList();
    }
}
