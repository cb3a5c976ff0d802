package dev.mayfly.sandbox.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.contract.Can;
import dev.mayfly.sandbox.contract.Image;
import dev.mayfly.sandbox.contract.MachineState;
import dev.mayfly.sandbox.contract.Started;
import dev.mayfly.sandbox.contract.Subject;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A destroying that fails half-way gives back what is shared, once, and can be tried again; a failed start as well. */
final class OciDestroyIT {
    @TempDir
    private Path folder;

    private List<String> before;
    private Path run;
    private Path program;
    private Path away;
    private Networks networks;
    private OciRuntime runtime;
    private Subject subject;

    @BeforeEach
    void open() throws Exception {
        before = MachineState.all();
        Path layer = Image.make(folder);
        run = Files.createDirectories(folder.resolve("run"));
        away = folder.resolve("away");
        program = Files.copy(Path.of("/usr/sbin/runc"), folder.resolve("runc"));
        OwnView.share(run);
        networks = new Networks(NetworkConfig.DEFAULTS, run.resolve("netns"), MachineState.TAG);
        runtime = OciRuntime.open(OciClass.RUNC, program.toString(), run, MachineState.TAG, networks);
        subject = new Subject(runtime, EnumSet.allOf(Can.class), folder, layer, new AtomicInteger());
    }

    @AfterEach
    void close() throws Exception {
        runtime.sweep();
        runtime.close();
        networks.close();
        OwnView.unshare(run);
        assertThat(MachineState.allNewSince(before)).as("left on the machine").isEmpty();
    }

    @Test
    void aStepThatFailsGivesBackNetworkAndRootOnceAndCanBeTriedAgain() throws Exception {
        Started other = living();
        Started it = living();
        assertThat(networks.counts().claimed()).isEqualTo(2);
        Files.move(program, away);
        assertThatThrownBy(() -> it.sandbox().destroy())
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("cannot run " + program);
        assertGivenBack(1);
        assertThat(runtime.health().quarantined()).isEqualTo(1);
        assertThatThrownBy(() -> it.sandbox().destroy()).isInstanceOf(MayflyException.class);
        assertGivenBack(1);
        Files.move(away, program);
        assertThat(it.sandbox().destroy()).isEmpty();
        assertThat(it.sandbox().destroy()).isEmpty();
        assertGivenBack(1);
        runtime.sweep();
        assertThat(runtime.health().quarantined()).isZero();
        other.close();
        assertThat(networks.counts().claimed()).isZero();
        assertThat(runtime.health().roots()).isZero();
    }

    @Test
    void whoIsInterruptedGivesBackNetworkAndRootAndTheSweepTakesTheRest() throws Exception {
        Started other = living();
        Started it = living();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> it.sandbox().destroy()).isInstanceOf(InterruptedException.class);
        assertGivenBack(1);
        assertThat(runtime.sweep().left()).isEmpty();
        assertThat(it.exit().code()).isEqualTo(128 + 9);
        assertThat(it.sandbox().destroy()).isEmpty();
        assertGivenBack(1);
        other.close();
    }

    @Test
    void aStartThatFailsGivesBackNetworkAndRoot() throws Exception {
        Started other = living();
        Files.move(program, away);
        assertThatThrownBy(this::living).isInstanceOf(MayflyException.class);
        assertGivenBack(1);
        assertThat(runtime.health().used()).isEqualTo(1);
        Files.move(away, program);
        living().close();
        other.close();
    }

    /** What another sandbox of the same image has is still its own. */
    private void assertGivenBack(int others) {
        assertThat(networks.counts().claimed()).as("networks").isEqualTo(others);
        assertThat(runtime.health().roots()).as("roots").isEqualTo(1);
        assertThat(run.resolve("runc/roots/root-0/bin/busybox")).exists();
    }

    private Started living() throws Exception {
        Started it = subject.start(subject.shell("echo up; sleep 600"));
        it.awaitLine("up");
        return it;
    }
}
