package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.ShortFolder;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes that outlive the launcher or the server that made them. Needs root and a mount namespace of its own. */
class AdoptionIT {
    private static final String TAG = "%04xa".formatted(ProcessHandle.current().pid() & 0xffff);
    private static final String CGROUP = "mayfly-" + TAG;
    private static final Duration KEEP = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private Path layer;
    private Networks networks;

    @BeforeEach
    void prepare() throws Exception {
        layer = Files.createDirectories(folder.resolve("layer"));
        Files.createDirectories(layer.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), layer.resolve("bin/busybox"));
        for (String applet : List.of("sh", "sleep", "cat")) {
            Files.createSymbolicLink(layer.resolve("bin/" + applet), Path.of("busybox"));
        }
        networks = new Networks(NetworkConfig.DEFAULTS, folder.resolve("netns"), TAG);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        networks.close();
        until(() -> launchers().isEmpty(), Duration.ofSeconds(10));
        assertThat(cgroups()).isEmpty();
    }

    @Test
    void aKilledLauncherIsSucceededAndItsSandboxesRunOn() throws Exception {
        try (NativeRuntime runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, KEEP)) {
            List<String> lines = Collections.synchronizedList(new ArrayList<>());
            Sandbox talks = runtime.start(spec(
                    "talks",
                    (_, line) -> lines.add(line),
                    "i=0; while [ ! -e /tmp/stop ]; do echo $i; i=$((i+1)); sleep 0.05; done; exit 7"));
            Sandbox silent = runtime.start(spec("silent", (_, _) -> {}, "exec sleep 600"));
            until(() -> lines.size() > 3, Duration.ofSeconds(10));
            for (int round = 1; round <= 3; round++) {
                launcher().destroyForcibly();
                int before = lines.size();
                until(() -> lines.size() > before + 5, Duration.ofSeconds(10));
            }
            assertThat(lines).as("no line is lost or comes twice").containsExactlyElementsOf(numbers(lines.size()));
            assertThat(talks.exit()).isNotDone();
            assertThat(silent.exit()).isNotDone();
            assertThat(talks.usage().pids()).isPositive();
            talks.freeze();
            int frozen = lines.size();
            Thread.sleep(300);
            assertThat(lines.size()).isLessThanOrEqualTo(frozen + 1);
            talks.thaw();

            Sandbox fresh = runtime.start(spec("fresh", (_, _) -> {}, "exit 3"));
            assertThat(fresh.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(3);
            assertThat(fresh.destroy()).isEmpty();
            talks.terminate();
            assertThat(talks.exit().get(10, TimeUnit.SECONDS).cause()).isEqualTo(SandboxExit.Cause.ENDED);
            assertThat(talks.destroy()).isEmpty();
            assertThat(silent.destroy()).isEmpty();
            assertThat(silent.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(128 + 9);
        }
    }

    /** More than may be on its way untaken: the successor hears what has been taken. */
    @Test
    void allThatASandboxPrintsComesAfterItsLauncherWasKilled() throws Exception {
        try (NativeRuntime runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, KEEP)) {
            List<String> lines = Collections.synchronizedList(new ArrayList<>());
            Sandbox talks = runtime.start(spec(
                    "talks",
                    (_, line) -> lines.add(line),
                    "echo up; sleep 3; i=0; while [ $i -lt 3000 ]; do printf '%0200d\\n' $i; i=$((i+1)); done; echo done;"
                            + " exec sleep 600"));
            ProcessHandle launcher = launcher();
            until(() -> lines.contains("up"), Duration.ofSeconds(10));
            launcher.destroyForcibly();
            until(() -> lines.contains("done"), Duration.ofSeconds(20));
            assertThat(lines).hasSize(3_002);
            assertThat(talks.destroy()).isEmpty();
        }
    }

    @Test
    void nothingIsHeldForSandboxesThatDiedWithTheirLauncher() throws Exception {
        int before = networks.counts().claimed();
        for (Duration keep : List.of(KEEP, Duration.ZERO)) {
            try (NativeRuntime runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, keep)) {
                List<Sandbox> all = new ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    all.add(runtime.start(spec("held" + i, (_, _) -> {}, "exec sleep 600")));
                }
                assertThat(networks.counts().claimed()).isEqualTo(before + 6);
                launchers().forEach(ProcessHandle::destroyForcibly);
                for (Sandbox each : all.subList(0, 3)) {
                    assertThat(each.destroy()).as("at once, whoever is there").isEmpty();
                }
                for (Sandbox each : all) {
                    each.exit().get(20, TimeUnit.SECONDS);
                }
                assertThat(networks.counts().claimed()).isEqualTo(before + 3);
                assertThat(runtime.destroyForgotten(Duration.ofHours(1))).isZero();
                assertThat(runtime.destroyForgotten(Duration.ZERO))
                        .as("nobody came for them")
                        .isEqualTo(3);
                assertThat(networks.counts().claimed()).isEqualTo(before);
                for (Sandbox each : all) {
                    assertThat(each.destroy()).as("once more is once").isEmpty();
                }
                Sandbox after = runtime.start(spec("after", (_, _) -> {}, "exit 3"));
                assertThat(after.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(3);
                assertThat(after.destroy()).isEmpty();
                assertThat(networks.counts().claimed()).isEqualTo(before);
            }
        }
    }

    @Test
    void whatEndsOrFreezesWhileNobodyIsThereIsNoticed() throws Exception {
        try (NativeRuntime runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, KEEP)) {
            Sandbox frozen = runtime.start(spec("frozen", (_, _) -> {}, "exec sleep 600"));
            Sandbox ends = runtime.start(spec("ends", (_, _) -> {}, "exec sleep 600"));
            frozen.freeze();
            ProcessHandle slot = ProcessHandle.of(firstOf("ends")).orElseThrow();
            launcher().destroyForcibly();
            slot.destroyForcibly();
            assertThat(ends.exit().get(10, TimeUnit.SECONDS).code()).isNotZero();
            assertThat(frozen.usage().pids()).as("it was taken over, running").isPositive();
            assertThat(frozen.exit()).isNotDone();
            assertThat(frozen.destroy()).isEmpty();
            assertThat(ends.destroy()).isEmpty();
        }
    }

    @Test
    void aServersSuccessorFindsWhatRuns() throws Exception {
        LauncherProgram left = leaveBehind("orphan", KEEP);
        assertThat(ProcessHandle.of(left.pid())).as("it waits").isPresent();
        try (NativeRuntime runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, KEEP)) {
            assertThat(runtime.orphans()).isEqualTo(Map.of("orphan", "what it is"));
            assertThat(runtime.sweep().found()).as("they are no leftovers").isZero();
            assertThat(members()).isNotEmpty();
            runtime.destroyOrphans(Set.of("orphan"));
            assertThat(runtime.orphans()).isEmpty();
            until(() -> members().stream().noneMatch(each -> each.startsWith("sleep")), Duration.ofSeconds(5));
        }
    }

    @Test
    void aServersSuccessorAdoptsWhatRunsWithAllThatItPrints() throws Exception {
        String script =
                "i=0; while [ $i -lt 600 ]; do echo $i; i=$((i+1)); sleep 0.002; done; echo done; exec sleep 600";
        leaveBehind("orphan", KEEP, "/bin/sh", "-c", script);
        Thread.sleep(300); // It prints meanwhile, and nobody reads it.
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        try (NativeRuntime runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, KEEP)) {
            SandboxSpec spec = spec("orphan", (_, line) -> lines.add(line), "as it was started");
            assertThat(runtime.adopt(spec("another", (_, _) -> {}, ""))).isEmpty();
            Sandbox adopted = runtime.adopt(spec).orElseThrow();
            assertThat(runtime.adopt(spec)).as("once").isEmpty();
            assertThat(runtime.orphans()).isEmpty();
            runtime.destroyOrphans(Set.of("orphan"));
            until(() -> lines.contains("done"), Duration.ofSeconds(10));
            assertThat(lines.getLast()).isEqualTo("done");
            int first = Integer.parseInt(lines.getFirst());
            assertThat(lines.subList(0, lines.size() - 1))
                    .as("what the dead server had not read, all of it")
                    .containsExactlyElementsOf(numbers(600).subList(first, 600));
            assertThat(adopted.exit()).isNotDone();
            adopted.freeze();
            adopted.thaw();
            launcher().destroyForcibly();
            until(() -> runtimeAnswers(adopted), Duration.ofSeconds(10));
            assertThat(adopted.destroy()).isEmpty();
            assertThat(adopted.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(128 + 9);
        }
    }

    private static boolean runtimeAnswers(Sandbox sandbox) {
        try {
            return sandbox.usage().pids() > 0;
        } catch (RuntimeException e) {
            return false; // Its launcher's successor is not up yet.
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void ifNobodyComesAllOfItGoes() throws Exception {
        leaveBehind("orphan", Duration.ofSeconds(1));
        until(() -> launchers().isEmpty() && members().isEmpty(), Duration.ofSeconds(10));
        assertThat(cgroups()).isEmpty();
        ShortFolder.remove(TAG);
    }

    @Test
    void ifNobodySucceedsAKilledLauncherItsSandboxesEnd() throws Exception {
        LauncherProgram left = leaveBehind("orphan", Duration.ofSeconds(1));
        ProcessHandle.of(left.pid()).orElseThrow().destroyForcibly();
        until(() -> launchers().isEmpty() && members().isEmpty(), Duration.ofSeconds(10));
        CgroupFolders.remove(CGROUP);
        ShortFolder.remove(TAG);
    }

    /** A launcher with a running sandbox, whose server is gone. */
    private LauncherProgram leaveBehind(String id, Duration keep) throws Exception {
        return leaveBehind(id, keep, "/bin/sleep", "600");
    }

    private LauncherProgram leaveBehind(String id, Duration keep, String... argv) throws Exception {
        Files.createDirectories(folder.resolve("run"));
        Path socket = ShortFolder.make(TAG).resolve("launcher.sock");
        Path file = LauncherProgram.file().orElseThrow();
        LauncherProgram program = LauncherProgram.start(file, folder.resolve("run/launcher"), socket, CGROUP, 2, keep);
        LauncherConnection connection = LauncherConnection.open(socket, new Deaf());
        connection.listen();
        connection.call(new Frame(Frame.HELLO).u32(Frame.VERSION));
        Path top = Files.createDirectories(folder.resolve("top"));
        for (String name : List.of("proc", "dev", "tmp")) {
            Files.createDirectories(top.resolve(name));
        }
        int root = connection
                .call(new Frame(Frame.ROOT).u32(2).text(top.toString()).text(layer.toString()))
                .getInt();
        Frame create = new Frame(Frame.CREATE)
                .text(id)
                .text("local")
                .text("what it is")
                .u32(root)
                .u32(20_000)
                .u32(0)
                .u32(0)
                .text("")
                .text("")
                .text("/")
                .u64(64 << 20)
                .u64(100_000)
                .u32(32)
                .u64(16 << 20)
                .u32(256)
                .u64(0)
                .u32(0)
                .u32(argv.length)
                .u32(0);
        List.of(argv).forEach(create::text);
        connection.call(create);
        connection.close();
        return program;
    }

    private static final class Deaf implements LauncherConnection.Listener {
        @Override
        public void output(String id, boolean stderr, byte[] bytes) {}

        @Override
        public void exited(Exit exit) {}

        @Override
        public void lost() {}
    }

    private SandboxSpec spec(String id, BiConsumer<Boolean, String> output, String script) {
        return new SandboxSpec(
                id,
                "local",
                List.of(layer),
                List.of("/bin/sh", "-c", script),
                Map.of("ID", id),
                "/",
                20_000,
                new SandboxSpec.SandboxLimits(64, 1.0, 32, 16),
                List.of(),
                EgressPolicy.NONE,
                output);
    }

    private static List<String> numbers(int count) {
        return java.util.stream.IntStream.range(0, count)
                .mapToObj(String::valueOf)
                .toList();
    }

    /** Its connection's other end: not a slot. */
    private static ProcessHandle launcher() {
        return launchers().stream()
                .filter(each -> each.children().findAny().isPresent())
                .filter(each -> read(Path.of("/proc/" + each.pid() + "/cgroup"))
                        .lines()
                        .noneMatch(line -> line.contains("/slot-")))
                .findFirst()
                .orElseThrow();
    }

    /** The launcher and its slots, also those whose launcher is gone. */
    private static List<ProcessHandle> launchers() {
        return ProcessHandle.allProcesses()
                .filter(each ->
                        read(Path.of("/proc/" + each.pid() + "/cmdline")).contains(CGROUP))
                .filter(each ->
                        read(Path.of("/proc/" + each.pid() + "/cmdline")).contains("mayfly-launcher"))
                .toList();
    }

    /** Command lines of what runs in our cgroups. */
    private static List<String> members() {
        return processes()
                .map(pid -> read(Path.of("/proc/" + pid + "/comm")).strip())
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static long firstOf(String id) {
        return processes()
                .filter(pid -> read(Path.of("/proc/" + pid + "/environ")).contains("ID=" + id))
                .findFirst()
                .orElseThrow();
    }

    private static java.util.stream.Stream<Long> processes() {
        List<Long> pids = new ArrayList<>();
        for (Path cgroup : cgroups()) {
            try (var files = Files.find(cgroup, 3, (path, _) -> path.endsWith("cgroup.procs"))) {
                files.forEach(file -> read(file).lines().map(Long::parseLong).forEach(pids::add));
            } catch (IOException | java.io.UncheckedIOException e) {
                // Its folder has gone meanwhile.
            }
        }
        return pids.stream().distinct();
    }

    private static List<Path> cgroups() {
        try (var found = Files.find(Path.of("/sys/fs/cgroup"), 2, (path, _) -> path.endsWith(CGROUP))) {
            return found.toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static void until(BooleanSupplier holds, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("not within " + limit).isNegative();
            Thread.sleep(10);
        }
    }
}
