package dev.mayfly.sandbox.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.Commands;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a sandbox of an OCI runtime keeps in and out, tried by a program inside. Needs root and a mount namespace of its own:
 * ./mayfly test gives it one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OciRuntimeIT {
    /** What must come of each attempt. Allowed is only what a program needs. */
    private static final Map<String, String> GOLDEN = new LinkedHashMap<>();

    static {
        for (String denied : List.of(
                "mount",
                "umount",
                "unshare-user",
                "unshare-mount",
                "setns",
                "clone-newuser",
                "pivot_root",
                "chroot",
                "bpf",
                "keyctl",
                "add_key",
                "io_uring_setup",
                "userfaultfd",
                "perf_event_open",
                "open_by_handle_at",
                "ptrace",
                "process_vm_readv",
                "init_module",
                "reboot",
                "sethostname",
                "mknod",
                "setuid-root",
                "af_alg",
                "af_vsock",
                "af_packet",
                "raw-socket")) {
            GOLDEN.put(denied, "EPERM");
        }
        GOLDEN.put("clone3", "ENOSYS");
        GOLDEN.put("write-root", "EROFS");
        GOLDEN.put("write-etc", "EACCES");
        GOLDEN.put("write-sysctl", "EACCES");
        GOLDEN.put("open-disk", "ENOENT");
        GOLDEN.put("open-mem", "ENOENT");
        GOLDEN.put("signal-host", "ESRCH");
        GOLDEN.put("write-tmp", "ALLOWED");
        GOLDEN.put("connect-host", "ETIMEDOUT");
        GOLDEN.put("connect-metadata", "ETIMEDOUT");
        GOLDEN.put("no-new-privs", "ALLOWED");
    }

    private Path layer;
    private OciRuntime runtime;
    private int next;
    private List<String> before;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        before = hostState();
        layer = folder.resolve("layer");
        Files.createDirectories(layer.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), layer.resolve("bin/busybox"));
        Commands.run("chmod", "-R", "a+rX", folder.toString());
        for (String applet : List.of("sh", "sleep", "cat", "ls", "id", "wget", "head", "dd", "true")) {
            Files.createSymbolicLink(layer.resolve("bin/" + applet), Path.of("busybox"));
        }
        Commands.run(
                "cc",
                "-static",
                "-O1",
                "-Wall",
                "-o",
                layer.resolve("bin/probe").toString(),
                Path.of("src/test/c/probe.c").toAbsolutePath().toString());
        String tag = "%04x".formatted(ProcessHandle.current().pid() & 0xffff);
        runtime = new OciRuntime(
                "runc", folder.resolve("run"), tag, new Networks(NetworkConfig.DEFAULTS, folder.resolve("netns"), tag));
    }

    @AfterAll
    void close() throws Exception {
        runtime.close();
        List<String> after = hostState();
        after.removeAll(before);
        assertThat(after).as("left on the machine").isEmpty();
    }

    @BeforeEach
    void count() {
        next++;
    }

    @Test
    void deniesWhatTheTableSays() throws Exception {
        InetAddress host = hostAddress();
        try (ServerSocket server = new ServerSocket(0, 5, host)) {
            List<String> lines =
                    run(EgressPolicy.OPEN, "/bin/probe", host.getHostAddress(), String.valueOf(server.getLocalPort()));
            Map<String, String> seen = new LinkedHashMap<>();
            lines.stream()
                    .map(line -> line.split("[ \t:]+", 2))
                    .filter(parts -> parts.length == 2)
                    .forEach(parts -> seen.put(parts[0], parts[1]));
            assertThat(seen).containsAllEntriesOf(GOLDEN);
            assertThat(seen).containsEntry("CapEff", "0000000000000000").containsEntry("CapBnd", "0000000000000000");
            assertThat(seen).containsEntry("Seccomp", "2").containsEntry("pid", "1");
            assertThat(seen.get("Uid")).startsWith("20000");
            assertThat(seen.get("read-kcore")).isNotEqualTo("ALLOWED");
            assertThat(seen.get("sysrq")).isNotEqualTo("ALLOWED");
        }
    }

    @Test
    void anotherSandboxIsOutOfReach() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox other = runtime.start(spec(EgressPolicy.OPEN, lines, "/bin/sleep", "60"));
        try {
            List<String> seen =
                    run(EgressPolicy.OPEN, "/bin/probe", other.address().orElseThrow(), "80");
            assertThat(seen).contains("connect-host ETIMEDOUT");
        } finally {
            assertThat(other.destroy()).isEmpty();
        }
    }

    @Test
    void withoutEgressNothingIsReachable() throws Exception {
        assertThat(run(EgressPolicy.NONE, "/bin/probe", "1.1.1.1", "53")).contains("connect-host ETIMEDOUT");
    }

    @Test
    void memoryIsLimitedAndTheReasonIsNamed() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox sandbox =
                runtime.start(spec(EgressPolicy.NONE, lines, "/bin/sh", "-c", "x=x; while true; do x=$x$x; done"));
        SandboxExit exit = sandbox.exit().get(60, TimeUnit.SECONDS);
        assertThat(sandbox.destroy()).isEmpty();
        assertThat(exit.reason()).isEqualTo("OOMKilled");
    }

    @Test
    void processesAreLimited() throws Exception {
        List<String> lines = run(
                EgressPolicy.NONE,
                "/bin/sh",
                "-c",
                "i=0; while [ $i -lt 100 ]; do sleep 5 & i=$((i+1)); done; echo survived");
        assertThat(String.join("\n", lines)).containsAnyOf("can't fork", "Resource temporarily unavailable");
    }

    @Test
    void tmpHasASize() throws Exception {
        List<String> lines =
                run(EgressPolicy.NONE, "/bin/sh", "-c", "dd if=/dev/zero of=/tmp/big bs=1M count=64; ls -l /tmp/big");
        assertThat(String.join("\n", lines)).contains("No space left on device");
    }

    @Test
    void tellsTheExitCodeAndAllOutput() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox sandbox =
                runtime.start(spec(EgressPolicy.NONE, lines, "/bin/sh", "-c", "echo out; echo err >&2; exit 7"));
        assertThat(sandbox.exit().get(30, TimeUnit.SECONDS).code()).isEqualTo(7);
        assertThat(sandbox.destroy()).isEmpty();
        assertThat(lines).containsExactlyInAnyOrder("false out", "true err");
    }

    @Test
    void destroysWhateverItDoes() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox sandbox = runtime.start(
                spec(EgressPolicy.NONE, lines, "/bin/sh", "-c", "trap '' TERM; while true; do sleep 1 & wait; done"));
        assertThat(sandbox.destroy()).isEmpty();
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).code()).isNotZero();
    }

    @Test
    void sweepsWhatAPredecessorLeft() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox orphan = runtime.start(spec(EgressPolicy.NONE, lines, "/bin/sh", "-c", "echo up; exec sleep 600"));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (lines.isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.sleep(20);
        }
        assertThat(runtime.sweep()).isGreaterThanOrEqualTo(1);
        assertThat(orphan.exit().get(10, TimeUnit.SECONDS).code()).isNotZero();
        orphan.destroy();
    }

    private List<String> run(EgressPolicy egress, String... argv) throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox sandbox = runtime.start(spec(egress, lines, argv));
        sandbox.exit().get(60, TimeUnit.SECONDS);
        assertThat(sandbox.destroy()).isEmpty();
        return lines.stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
    }

    private SandboxSpec spec(EgressPolicy egress, List<String> lines, String... argv) {
        return new SandboxSpec(
                "ins_" + next + "_" + System.nanoTime(),
                "tenant",
                List.of(layer),
                List.of(argv),
                Map.of(),
                "/",
                20_000,
                new SandboxSpec.SandboxLimits(64, 1.0, 32, 16),
                List.of(),
                egress,
                (stderr, line) -> lines.add(stderr + " " + line));
    }

    private static InetAddress hostAddress() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address.getAddress().length == 4 && !address.isLoopbackAddress())
                .findFirst()
                .orElseThrow();
    }

    private static List<String> hostState() throws Exception {
        List<String> state = new ArrayList<>();
        Files.readAllLines(Path.of("/proc/self/mountinfo")).forEach(line -> state.add("mount " + line.split(" ")[4]));
        Commands.run("ip", "-o", "link").lines().forEach(line -> state.add("link " + line.split(":")[1].strip()));
        Commands.run("nft", "list", "tables").lines().forEach(line -> state.add("nft " + line));
        try (var groups = Files.find(
                Path.of("/sys/fs/cgroup"), 4, (path, _) -> path.toString().contains("mayfly-"))) {
            groups.forEach(path -> state.add("cgroup " + path));
        }
        return state;
    }
}
