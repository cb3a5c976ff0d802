package dev.mayfly.sandbox.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.contract.Can;
import dev.mayfly.sandbox.contract.MachineState;
import dev.mayfly.sandbox.contract.SandboxRuntimeContract;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The suite on a program that keeps to the OCI runtime specification. They offer everything. */
abstract class OciContract extends SandboxRuntimeContract {
    private final OciClass kind;
    private final List<SandboxRuntime> others = new ArrayList<>();
    private @Nullable Path run;
    private @Nullable Networks networks;

    OciContract(OciClass kind) {
        super(EnumSet.allOf(Can.class));
        this.kind = kind;
    }

    abstract String program() throws Exception;

    @Override
    protected SandboxRuntime open(Path folder, String tag) throws Exception {
        run = Files.createDirectories(folder);
        OwnView.share(run);
        networks = new Networks(NetworkConfig.DEFAULTS, run.resolve("netns"), tag);
        return OciRuntime.open(kind, program(), run, tag, networks);
    }

    @Override
    public SandboxRuntime another() throws Exception {
        OciRuntime other = OciRuntime.open(
                kind, program(), Objects.requireNonNull(run), MachineState.TAG, Objects.requireNonNull(networks));
        others.add(other);
        return other;
    }

    @Test
    void allTogetherWeighMoreThanOneProcess() throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        Path version1 =
                Path.of("/sys/fs/cgroup/cpu/mayfly-" + MachineState.TAG + "-" + kind.wireName() + "/cpu.shares");
        Path version2 = Path.of("/sys/fs/cgroup/mayfly-" + MachineState.TAG + "-" + kind.wireName() + "/cpu.weight");
        subject().run(subject().shell("true")); // What the program does to it does not undo that.
        assertThat(Files.readString(Files.exists(version1) ? version1 : version2)
                        .strip())
                .isEqualTo(String.valueOf(
                        Files.exists(version1)
                                ? Math.min(262_144, 4_096 * processors)
                                : Math.min(10_000, 400 * processors)));
    }

    @Override
    protected void closeOthers() throws Exception {
        others.forEach(SandboxRuntime::close);
        if (networks != null) {
            networks.close();
        }
        if (run != null) {
            OwnView.unshare(run);
        }
    }
}
