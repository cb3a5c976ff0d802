package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.GenericSandbox;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.SandboxBinding;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes that run before anybody knows for whom. Needs root and a mount namespace of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GenericIT {
    private static final String TAG = "%04xf".formatted(ProcessHandle.current().pid() & 0xffff);
    private static final SandboxSpec.SandboxLimits SMALL = new SandboxSpec.SandboxLimits(32, 0.5, 16, 4);
    private static final int UID = 10_001;

    private Path runtimeLayer;
    private Path release;
    private NativeRuntime runtime;
    private Networks networks;
    private int next;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        runtimeLayer = Files.createDirectories(folder.resolve("runtime"));
        Files.createDirectories(runtimeLayer.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), runtimeLayer.resolve("bin/busybox"));
        for (String applet : List.of("sh", "cat", "sleep", "ls", "df", "ip", "id", "grep", "wc")) {
            Files.createSymbolicLink(runtimeLayer.resolve("bin/" + applet), Path.of("busybox"));
        }
        String lock = runtimeLayer.resolve("bin/lock").toString();
        Files.writeString(
                Path.of(lock + ".c"),
                "#include <sys/file.h>\nint main(void) { return flock(0, LOCK_EX | LOCK_NB) != 0; }\n");
        HostCommands.run("cc", "-static", "-o", lock, lock + ".c");
        release = Files.createDirectories(folder.resolve("release"));
        Files.createDirectories(release.resolve("workspace"));
        Files.writeString(release.resolve("workspace/code.sh"), "echo code of $1\n");
        Files.createDirectories(release.resolve("layers/deps"));
        Files.writeString(release.resolve("layers/deps/list"), "left-pad\n");
        networks = new Networks(NetworkConfig.DEFAULTS, folder.resolve("netns"), TAG);
        runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, Duration.ZERO);
    }

    @AfterAll
    void close() {
        runtime.close();
        networks.close();
    }

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    private GenericSandbox generic(String script) throws InterruptedException {
        return generic(script, EgressPolicy.OPEN);
    }

    private GenericSandbox generic(String script, EgressPolicy widest) throws InterruptedException {
        lines.clear();
        GenericSandbox made = runtime.startGeneric(
                new SandboxSpec(
                        "gen_" + next++,
                        "nobody",
                        List.of(runtimeLayer),
                        List.of("/bin/sh", "-c", script),
                        Map.of(),
                        "/",
                        UID,
                        new SandboxSpec.SandboxLimits(64, 1.0, 32, 16),
                        List.of(),
                        widest,
                        (_, line) -> lines.add(line)),
                Optional.empty());
        until(() -> lines.contains("generic"));
        return made;
    }

    private SandboxBinding binding(EgressPolicy egress, String message) {
        return new SandboxBinding("acme", "", List.of(release, runtimeLayer), SMALL, egress, message);
    }

    @Test
    void codeAppearsInsideWithItsMessageAndTheWayInIsGone() throws Exception {
        GenericSandbox sandbox = generic("""
                echo generic; ls /workspace /layers; m=$(cat <&3); exec 3<&-
                . /workspace/code.sh $m; cat /layers/deps/list; echo >/workspace/x || echo read-only
                df -k /tmp | grep -o ' 4096 '; ls /proc/self/fd | grep -c .""");
        sandbox.bind(binding(EgressPolicy.NONE, "acme"));
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        assertThat(lines)
                .containsSubsequence("generic", "code of acme", "left-pad", "read-only", " 4096 ")
                .doesNotContain("code.sh");
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void withoutANetworkItCanOnlyBecomeWhatNeedsNone() throws Exception {
        GenericSandbox sandbox = generic("echo generic; ip -o link | wc -l; m=$(cat <&3); echo $m", EgressPolicy.NONE);
        assertThatThrownBy(() -> sandbox.bind(binding(EgressPolicy.OPEN, "acme")))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("egress");
        sandbox.bind(binding(EgressPolicy.NONE, "acme"));
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        assertThat(lines).contains("generic", "1", "acme");
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void itIsBoundOnceAndThenForEver() throws Exception {
        GenericSandbox sandbox = generic("echo generic; m=$(cat <&3); echo $m; exec sleep 600");
        sandbox.bind(binding(EgressPolicy.NONE, "first"));
        assertThatThrownBy(() -> sandbox.bind(binding(EgressPolicy.NONE, "second")))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("never bound");
        until(() -> lines.contains("first")); // nothing waits for a program to have read its message
        assertThat(sandbox.destroy()).isEmpty();
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(128 + 9);
        assertThat(lines).containsExactly("generic", "first");
    }

    @Test
    void oneThatWasNotGenericIsNeverBound() throws Exception {
        var plain = (GenericSandbox) runtime.start(new SandboxSpec(
                "plain",
                "acme",
                List.of(runtimeLayer),
                List.of("/bin/sleep", "600"),
                Map.of(),
                "/",
                120_000,
                SMALL,
                List.of(),
                EgressPolicy.NONE,
                (_, _) -> {}));
        assertThatThrownBy(() -> plain.bind(binding(EgressPolicy.NONE, ""))).hasMessageContaining("generic sandbox");
        assertThat(plain.destroy()).isEmpty();
    }

    @Test
    void itsIdsOnTheMachineAreItsOwnAlone() throws Exception {
        GenericSandbox one = generic("echo generic; id -u; cat /proc/self/uid_map; exec sleep 600");
        until(() -> lines.size() == 3);
        List<String> first = List.copyOf(lines);
        GenericSandbox other = generic("echo generic; id -u; cat /proc/self/uid_map; exec sleep 600");
        until(() -> lines.size() == 3);
        assertThat(first.get(1)).isEqualTo(String.valueOf(UID)).isEqualTo(lines.get(1));
        assertThat(first.get(2).strip().split(" +")).hasSize(3).endsWith("65536");
        assertThat(first.get(2)).isNotEqualTo(lines.get(2));
        assertThat(one.destroy()).isEmpty();
        assertThat(other.destroy()).isEmpty();
    }

    /** Of one language, and bound to one release: what one holds is in nobody else's way. */
    @Test
    void itsFilesAreItsOwnBeforeAndAfterItIsBound() throws Exception {
        String script = """
                echo generic; m=$(cat <&3); exec 3<&-
                exec 5</workspace/code.sh 6</etc/resolv.conf 7</dev/null 8</bin/busybox 9</etc
                for i in 5 6 7 8 9; do lock <&$i && echo held $i; done; echo asked; exec sleep 600""";
        String[] all = {"generic", "held 5", "held 6", "held 7", "held 8", "held 9", "asked"};
        GenericSandbox one = generic(script);
        one.bind(binding(EgressPolicy.OPEN, ""));
        until(() -> lines.contains("asked"));
        assertThat(lines).containsExactly(all);
        GenericSandbox other = generic(script);
        other.bind(binding(EgressPolicy.OPEN, ""));
        until(() -> lines.contains("asked"));
        assertThat(lines).containsExactly(all);
        assertThat(one.destroy()).isEmpty();
        assertThat(other.destroy()).isEmpty();
    }

    @Test
    void limitsArePutOnWithTheRelease() throws Exception {
        GenericSandbox sandbox = generic("echo generic; m=$(cat <&3); x=x; while :; do x=$x$x$x$x; done");
        sandbox.bind(binding(EgressPolicy.NONE, ""));
        assertThat(sandbox.exit().get(20, TimeUnit.SECONDS).cause()).isEqualTo(SandboxExit.Cause.OOM_KILLED);
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void itsNetworkLeadsNowhereBeforeItIsBound() throws Exception {
        GenericSandbox sandbox = generic("""
                echo generic; cat /etc/resolv.conf; m=$(cat <&3)
                cat /etc/resolv.conf; ip -4 -o addr show dev eth0 | grep -c inet; exec sleep 600""");
        assertThat(sandbox.address()).isPresent();
        assertThat(networks.counts().claimed()).isEqualTo(1);
        sandbox.bind(binding(EgressPolicy.OPEN, ""));
        until(() -> lines.contains("1"));
        assertThat(lines).anyMatch(line -> line.startsWith("nameserver "));
        assertThat(sandbox.destroy()).isEmpty();
        assertThat(networks.counts().claimed()).isZero();
    }

    @Test
    void aFrozenOneIsBoundAndRuns() throws Exception {
        GenericSandbox sandbox = generic("echo generic; m=$(cat <&3); echo $m");
        sandbox.freeze();
        sandbox.bind(binding(EgressPolicy.NONE, "thawed"));
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        assertThat(lines).containsExactly("generic", "thawed");
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void aLinkInTheImageInPlaceOfItsFolderLeadsNowhere() throws Exception {
        Path hostile = Files.createDirectories(release.resolveSibling("hostile"));
        Files.createSymbolicLink(hostile.resolve("workspace"), Path.of("/bin"));
        GenericSandbox sandbox = generic("echo generic; m=$(cat <&3); ls -d /workspace/; ls /workspace; echo $m");
        sandbox.bind(new SandboxBinding("acme", "", List.of(hostile, runtimeLayer), SMALL, EgressPolicy.NONE, "told"));
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        assertThat(lines).containsExactly("generic", "/workspace/", "told");
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void limitsAboveTheMachineAreRefusedBeforeAnythingIsDone() throws Exception {
        GenericSandbox sandbox = generic("echo generic; m=$(cat <&3); echo $m");
        SandboxBinding binding = new SandboxBinding(
                "acme", "", List.of(release), new SandboxSpec.SandboxLimits(1 << 30, 1, 16, 4), EgressPolicy.NONE, "");
        assertThatThrownBy(() -> sandbox.bind(binding)).hasMessageContaining("limits.memory");
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void withoutUserNamespacesThereAreNone(@TempDir Path other) throws Exception {
        String tag = TAG + "e";
        try (NativeRuntime plain = new NativeRuntime(other, tag, networks, false, Duration.ZERO)) {
            assertThat(plain.bindsLate()).isFalse();
            assertThat(runtime.bindsLate()).isTrue();
        }
    }

    private static void until(BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("not within 10 s").isNegative();
            Thread.sleep(5);
        }
    }
}
