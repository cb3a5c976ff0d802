package dev.mayfly.sandbox.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.choice.Runtimes;
import dev.mayfly.sandbox.contract.Can;
import dev.mayfly.sandbox.contract.Image;
import dev.mayfly.sandbox.contract.Started;
import dev.mayfly.sandbox.contract.Subject;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.SharedNetworks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several runtime classes in one server: each opened when it is wanted, none in the way of another. */
final class RuntimesIT {
    private static final SandboxConfig CONFIG = new SandboxConfig("runc", List.of("crun"));

    @Test
    void severalClassesServeAtOnceAndOneSweepsOnlyItsOwn(@TempDir Path folder) throws Exception {
        Path layer = Image.make(folder);
        Path run = folder.resolve("run");
        try (Runtimes runtimes = open(CONFIG, run, SandboxListener.NONE)) {
            assertThat(runtimes.offered()).containsExactly("runc", "crun");
            assertThat(run.resolve("crun"))
                    .as("folder of a class that nobody has asked for")
                    .doesNotExist();
            Subject first = subject(runtimes.of(Optional.empty()), folder, layer, 0);
            assertThat(first.runtime().name()).isEqualTo("runc");
            try (Started living =
                    first.start(first.shell("trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done"))) {
                living.awaitLine("up");
                Subject second = subject(runtimes.of(Optional.of("crun")), folder, layer, 100);
                assertThat(second.runtime()).isSameAs(runtimes.of(Optional.of("crun")));
                assertThat(second.run(second.shell("echo other")).out()).containsExactly("other");
                assertThat(second.runtime().sweep()).isEqualTo(Sweep.NOTHING);
                living.sandbox().terminate();
                assertThat(living.exit().code()).as("the other class' sandbox").isEqualTo(4);
            }
            assertThatThrownBy(() -> runtimes.of(Optional.of("runsc")))
                    .isInstanceOfSatisfying(
                            MayflyException.class,
                            e -> assertThat(e.detail())
                                    .isEqualTo("runtime: 'runsc' (expected: one that this server offers: runc, crun)"));
        }
        assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
                .as("mounts that are left")
                .noneMatch(line -> line.contains(folder.toString()));
    }

    /** As after an upgrade that does not offer an old version any more. */
    @Test
    void whatAPredecessorLeftOfAClassThatIsNotOfferedIsSwept(@TempDir Path folder) throws Exception {
        Path run = folder.resolve("run");
        Path left = Files.createDirectories(run.resolve("runc/bundles/ins_left"));
        Files.writeString(left.resolve("config.json"), "{}");
        SandboxConfig onlyCrun = new SandboxConfig("crun", List.of("crun"));
        try (Runtimes runtimes = open(onlyCrun, run, SandboxListener.NONE)) {
            assertThat(runtimes.offered()).containsExactly("crun");
            assertThat(left).doesNotExist();
        }
    }

    private static Subject subject(SandboxRuntime runtime, Path folder, Path layer, int first) {
        return new Subject(runtime, EnumSet.allOf(Can.class), folder, layer, new AtomicInteger(first));
    }

    private static Runtimes open(SandboxConfig config, Path run, SandboxListener listener) throws Exception {
        SharedNetworks networks = new SharedNetworks(NetworkConfig.DEFAULTS);
        return Runtimes.open(
                config,
                List.of(
                        new OciProvider(OciClass.RUNC, "runc", networks),
                        new OciProvider(OciClass.CRUN, "crun", networks)),
                List.of(networks),
                run,
                listener,
                new Health());
    }
}
