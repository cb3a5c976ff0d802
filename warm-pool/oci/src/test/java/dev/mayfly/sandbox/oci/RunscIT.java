package dev.mayfly.sandbox.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.DeathReason;
import dev.mayfly.sandbox.contract.MachineState;
import dev.mayfly.sandbox.contract.Packages;
import dev.mayfly.sandbox.contract.Started;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The suite on gVisor's runsc of Debian 13: that of Debian 12 is from 2022. */
final class RunscIT extends OciContract {
    RunscIT() {
        super(OciClass.RUNSC);
    }

    @Override
    String program() throws Exception {
        return Packages.of("trixie").folder("runsc").resolve("usr/bin/runsc").toString();
    }

    /** Which of gVisor's processes the kernel kills is not ours to choose: here it is one that gVisor would not miss. */
    @Test
    void itEndsWhicheverOfItsProcessesIsKilledForMemory() throws Exception {
        try (Started quiet = subject().start(subject().shell("echo up; sleep 600"))) {
            quiet.awaitLine("up");
            Path version1 = Path.of("/sys/fs/cgroup/memory");
            Path group = (Files.exists(version1) ? version1 : Path.of("/sys/fs/cgroup"))
                    .resolve("mayfly-" + MachineState.TAG + "-runsc")
                    .resolve(quiet.sandbox().id());
            String prey = "echo 1000 >/proc/self/oom_score_adj && echo $$ >" + group.resolve("cgroup.procs")
                    + " && exec " + subject().layer().resolve("workspace/probe") + " bomb memory";
            Process process = new ProcessBuilder("sh", "-c", prey).start();
            try {
                assertThat(process.waitFor()).as("killed").isEqualTo(128 + 9);
                assertThat(quiet.exit().reason()).isEqualTo(DeathReason.OOM_KILLED);
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
