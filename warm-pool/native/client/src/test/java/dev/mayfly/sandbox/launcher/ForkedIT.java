package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.TenantName;
import dev.mayfly.model.Zygote;
import dev.mayfly.sandbox.GenericSandbox;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxBinding;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.contract.Sources;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Sandboxes that are forked from a zygote: that they are, and that they differ in nothing else from those that are started. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForkedIT {
    private static final String TAG = "%04xe".formatted(ProcessHandle.current().pid() & 0xffff);
    private static final SandboxSpec.SandboxLimits LIMITS = new SandboxSpec.SandboxLimits(64, 1.0, 32, 16);
    private static final int UID = 10_001;
    private static final String TRY =
            "try 198.51.100.1 9 " + ProcessHandle.current().pid();

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());
    private Path layer;
    private Path release;
    private Zygote zygote;
    private NativeRuntime runtime;
    private Networks networks;
    private int next;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        layer = Files.createDirectories(folder.resolve("layer"));
        Path bin = Files.createDirectories(layer.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        Files.createSymbolicLink(bin.resolve("sh"), Path.of("busybox"));
        String source = String.valueOf(Sources.of("zygote.c").getParent());
        HostCommands.run(
                "cc", "-O1", "-w", "-pthread", "-o", bin.resolve("zygote").toString(), source + "/zygote.c", "-ldl");
        for (String library : librariesOf(bin.resolve("zygote"))) {
            Path copy = layer.resolve(library.substring(1));
            Files.createDirectories(Objects.requireNonNull(copy.getParent()));
            Files.copy(Path.of(library), copy);
        }
        release = Files.createDirectories(folder.resolve("release"));
        Path workspace = Files.createDirectories(release.resolve("workspace"));
        HostCommands.run(
                "cc",
                "-static",
                "-O1",
                "-w",
                "-pthread",
                "-o",
                workspace.resolve("probe").toString(),
                source + "/probe.c");
        Files.writeString(workspace.resolve("start.sh"), "exec /workspace/probe $1 $2 $3 $4\n");
        HostCommands.run("chmod", "-R", "a+rX", folder.toString());
        zygote = new Zygote(List.of(layer), List.of("/bin/zygote", "ZYGOTE=1"));
        networks = new Networks(NetworkConfig.DEFAULTS, folder.resolve("netns"), TAG);
        runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, Duration.ZERO, Duration.ofSeconds(4));
    }

    @AfterAll
    void close() {
        runtime.close();
        networks.close();
        assertThat(zygotes("ZYGOTE")).isEmpty();
    }

    /** Its program executes nothing: what it cannot do is what it was left without, not what an execve took from it. */
    @Test
    void deniesAndShowsWhatAStartedOneDoes() throws Exception {
        warmUp(zygote);
        assertThat(difference(probe(Optional.of(zygote)), probe(Optional.empty())))
                .as("what a forked one sees otherwise (forked, started)")
                .isEmpty();
    }

    @Test
    void itIsTheZygotesCopyAndHoldsNothingOfItsDescriptors() throws Exception {
        warmUp(zygote);
        GenericSandbox sandbox = generic(Optional.of(zygote));
        long pid = newestFork();
        assertThat(Files.readString(Path.of("/proc/" + pid + "/cmdline"))).startsWith("/bin/zygote");
        assertThat(Files.readAllLines(Path.of("/proc/" + pid + "/status")))
                .contains("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000");
        assertThat(Path.of("/proc/" + pid + "/root/workspace")).isEmptyDirectory();
        try (var descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            assertThat(descriptors.map(each -> String.valueOf(each.getFileName())))
                    .containsExactlyInAnyOrder("0", "1", "2", "3");
        }
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void withoutItsZygoteItIsForkedOfItsSlotsOrStarted() throws Exception {
        Zygote own = new Zygote(List.of(layer), List.of("/bin/zygote", "ZYGOTE=2"));
        warmUp(own);
        GenericSandbox running = generic(Optional.of(own));
        zygotes("ZYGOTE=2").forEach(each -> ProcessHandle.of(each).orElseThrow().destroyForcibly());
        until(() -> zygotes("ZYGOTE=2").isEmpty());
        for (int i = 0; i < 12; i++) { // More than waited.
            assertThat(generic(Optional.of(own)).destroy()).isEmpty();
        }
        running.bind(new SandboxBinding("acme", "", List.of(release, layer), LIMITS, EgressPolicy.NONE, TRY));
        assertThat(running.exit().get(30, TimeUnit.SECONDS).code()).isZero();
        assertThat(running.destroy()).isEmpty();
    }

    @Test
    void anotherTakesItsPlaceBeforeItGoes() throws Exception {
        Zygote own = new Zygote(List.of(layer), List.of("/bin/zygote", "ZYGOTE=3"));
        warmUp(own);
        List<Long> first = zygotes("ZYGOTE=3");
        assertThat(first).hasSize(1);
        until(() -> {
            try {
                assertThat(generic(Optional.of(own)).destroy()).isEmpty();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            assertThat(lines).as("forked all the while").doesNotContain("started");
            List<Long> now = zygotes("ZYGOTE=3");
            return now.size() == 1 && !now.equals(first);
        });
    }

    /** Its processes are of another pid namespace than the launcher's, which knows them by other numbers. */
    @Test
    void boundItOutlivesItsLauncherAndItsZygote(@TempDir Path other) throws Exception {
        Zygote own = new Zygote(List.of(layer), List.of("/bin/zygote", "ZYGOTE=4"));
        try (NativeRuntime kept =
                new NativeRuntime(other, TAG + "k", networks, true, Duration.ofSeconds(20), Duration.ofMinutes(1))) {
            GenericSandbox sandbox = generic(kept, Optional.of(own));
            for (int i = 0; i < 100 && lines.contains("started"); i++) {
                assertThat(sandbox.destroy()).isEmpty();
                Thread.sleep(20);
                sandbox = generic(kept, Optional.of(own));
            }
            assertThat(lines).doesNotContain("started");
            sandbox.bind(new SandboxBinding("acme", "", List.of(release, layer), LIMITS, EgressPolicy.NONE, "hold"));
            until(() -> lines.contains("abstract-socket-of-its-own ALLOWED"));
            ProcessHandle.of(kept.launcher().pid()).orElseThrow().destroyForcibly();
            GenericSandbox left = sandbox;
            until(() -> usesSomething(left));
            until(() -> zygotes("ZYGOTE=4").isEmpty());
            assertThat(left.exit()).isNotDone();
            assertThat(usesSomething(left)).isTrue();
            assertThat(left.destroy()).isEmpty();
            assertThat(left.exit().get(10, TimeUnit.SECONDS).code()).isEqualTo(128 + 9);
        }
    }

    /** Whoever asks for it has not heard yet; who comes under the same name has another. */
    @Test
    void oneThatWasRetiredIsNotStartedAgain() throws Exception {
        Zygote kind = new Zygote(List.of(layer), List.of("/bin/zygote", "ZYGOTE=5"));
        Zygote own = kind.of(new Zygote.Owner(new TenantName("acme"), 1));
        warmUp(own);
        List<Long> first = zygotes("ZYGOTE=5");
        runtime.retire(own);
        until(() -> zygotes("ZYGOTE=5").isEmpty());
        assertThat(generic(Optional.of(own)).destroy()).isEmpty();
        assertThat(lines).contains("started");
        assertThat(zygotes("ZYGOTE=5")).isEmpty();
        warmUp(kind.of(new Zygote.Owner(new TenantName("acme"), 2)));
        assertThat(zygotes("ZYGOTE=5")).hasSize(1).doesNotContainAnyElementsOf(first);
    }

    private static boolean usesSomething(Sandbox sandbox) {
        try {
            return sandbox.usage().pids() > 0;
        } catch (RuntimeException e) {
            return false; // Its launcher's successor is not up yet.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void oneThatCannotStartIsInNobodysWay() throws Exception {
        Zygote broken = new Zygote(List.of(layer), List.of("/bin/nothing"));
        for (int i = 0; i < 3; i++) {
            assertThat(generic(Optional.of(broken)).destroy()).isEmpty();
        }
    }

    /** A build's label, a tenant's file: neither has a say in what runs with the launcher's privileges. */
    @Test
    void noRequestMakesItRunATenantsFile(@TempDir Path shared) throws Exception {
        Path owned = shared.resolve("owned");
        long host = ProcessHandle.current().pid();
        String attack = "#!/bin/sh\necho $0 >/proc/" + host + "/root" + owned + "\n";
        List<String> up = Collections.synchronizedList(new ArrayList<>());
        SandboxSpec tenant = new SandboxSpec(
                "tenant",
                "mallory",
                List.of(layer),
                List.of(
                        "/bin/sh",
                        "-c",
                        "busybox printf '%s' \"$ATTACK\" >/tmp/python3; busybox chmod 755 /tmp/python3;"
                                + " echo up; exec busybox sleep 60417"),
                Map.of("ATTACK", attack),
                "/",
                120_000,
                LIMITS,
                List.of(),
                EgressPolicy.NONE,
                (_, line) -> up.add(line));
        Sandbox sandbox = runtime.start(tenant);
        try {
            until(() -> up.contains("up"));
            until(() -> processOf("sleep\00060417\000").isPresent()); // It says that it is up before it sleeps.
            String inside = "/proc/" + processOf("sleep\00060417\000").getAsLong() + "/root/tmp";
            assertThat(Path.of(inside, "python3")).isExecutable();
            Path linked = Files.createDirectories(shared.resolve("linked/bin"));
            Files.createSymbolicLink(linked.resolve("python3"), Path.of(inside, "python3"));
            HostCommands.run("chmod", "-R", "a+rX", shared.toString());
            assertThat(sandbox.usage().pids()).isEqualTo(1);
            for (var command : List.of(
                    List.of("python3", "-I"),
                    List.of("bin/zygote"),
                    List.of(inside + "/python3"),
                    List.of("/bin/../proc/self/exe"))) {
                assertRefused(command, Map.of(), "argv");
            }
            for (String variable : List.of("PATH", "HOME", "PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD")) {
                assertRefused(List.of("/bin/zygote"), Map.of(variable, inside), "env");
            }
            // A program that leads there: in its /proc there is no such process.
            assertThat(generic(Optional.of(
                                    new Zygote(List.of(linked.resolveSibling("."), layer), List.of("/bin/python3"))))
                            .destroy())
                    .isEmpty();
            until(() -> zygotes("/bin/python3").isEmpty());
        } finally {
            assertThat(sandbox.destroy()).isEmpty();
        }
        assertThat(owned).doesNotExist();
    }

    private void assertRefused(List<String> command, Map<String, String> env, String field) throws Exception {
        LauncherClient launcher = runtime.launcher();
        NativeRoots.Key key = new NativeRoots.Key(List.of(layer), SandboxSpec.UID_MIN, List.of());
        try {
            Frame frame = new Frame(Frame.ZYGOTE).u32(launcher.roots().acquire(key));
            assertThatThrownBy(() -> launcher.connection().call(frame.command(command, new TreeMap<>(env))))
                    .as("%s with %s", command, env)
                    .isInstanceOfSatisfying(
                            LauncherRefusal.Refused.class,
                            refused -> assertThat(refused.why.field()).isEqualTo(field));
        } finally {
            launcher.roots().release(key);
        }
    }

    @Test
    void itSeesAndMayLittle() throws Exception {
        Zygote sees =
                new Zygote(List.of(layer), List.of("/bin/zygote", "ZYGOTE=6")); // Nobody else's is replaced meanwhile.
        warmUp(sees);
        long pid = zygotes("ZYGOTE=6").getFirst();
        assertThat(read(pid, "environ").split("\000"))
                .containsExactlyInAnyOrder("PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent");
        List<String> mounts = Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo"));
        assertThat(mounts.stream().map(line -> line.split(" ")[4])).containsExactly("/", "/proc");
        assertThat(mounts.getFirst()).contains(" ro,nosuid,nodev");
        assertThat(mounts.getLast()).contains("subset=pid");
        try (var seen = Files.list(Path.of("/proc/" + pid + "/root/proc"))) {
            assertThat(seen.map(each -> String.valueOf(each.getFileName())).filter(name -> !name.matches("\\d+")))
                    .as("of the kernel's files")
                    .containsExactlyInAnyOrder("self", "thread-self");
        }
        for (String namespace : List.of("mnt", "pid")) {
            assertThat(Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + namespace)))
                    .as(namespace)
                    .isNotEqualTo(Files.readSymbolicLink(
                            Path.of("/proc/" + runtime.launcher().pid() + "/ns/" + namespace)));
        }
        List<String> status = Files.readAllLines(Path.of("/proc/" + pid + "/status"));
        // setgid, setuid, setpcap, dac_override, net_admin, sys_chroot, sys_ptrace, sys_admin, sys_resource, mknod
        long own = Long.parseUnsignedLong(
                read(ProcessHandle.current().pid(), "status")
                        .split("CapBnd:\\s+")[1]
                        .split("\n")[0],
                16);
        long may = own
                & (1L << 6 | 1L << 7 | 1L << 8 | 1L << 1 | 1L << 12 | 1L << 18 | 1L << 19 | 1L << 21 | 1L << 24
                        | 1L << 27);
        for (String set : List.of("CapPrm", "CapEff", "CapBnd")) {
            assertThat(status).contains("%s:\t%016x".formatted(set, may));
        }
        assertThat(status).contains("NoNewPrivs:\t1", "Seccomp:\t2");
        long first = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow().pid();
        assertThat(Files.readAllLines(Path.of("/proc/" + first + "/status"))).contains("CapEff:\t0000000000000000");
        try (var descriptors = Files.list(Path.of("/proc/" + first + "/fd"))) {
            assertThat(descriptors).hasSize(1);
        }
        assertThat(read(first, "environ")).isEmpty();
    }

    private static OptionalLong processOf(String command) {
        return ProcessHandle.allProcesses()
                .mapToLong(ProcessHandle::pid)
                .filter(pid -> read(pid, "cmdline").endsWith(command))
                .findFirst();
    }

    private void warmUp(Zygote zygote) throws Exception {
        for (int tries = 0; ; tries++) {
            GenericSandbox sandbox = generic(Optional.of(zygote));
            boolean forked = lines.stream().noneMatch("started"::equals);
            assertThat(sandbox.destroy()).isEmpty();
            if (forked) {
                return;
            }
            assertThat(tries).as("starts until the zygote served one").isLessThan(100);
            Thread.sleep(20);
        }
    }

    private Map<String, String> probe(Optional<Zygote> from) throws Exception {
        GenericSandbox sandbox = generic(from);
        sandbox.bind(new SandboxBinding("acme", "", List.of(release, layer), LIMITS, EgressPolicy.NONE, TRY));
        assertThat(sandbox.exit().get(30, TimeUnit.SECONDS).code()).isZero();
        assertThat(sandbox.destroy()).isEmpty();
        Map<String, String> seen = new TreeMap<>();
        for (String line : List.copyOf(lines)) {
            String[] parts = line.split(" ", 2);
            if (parts.length == 2) {
                seen.put(parts[0], parts[1]);
            }
        }
        assertThat(seen).hasSizeGreaterThan(40);
        return seen;
    }

    private static Map<String, String> difference(Map<String, String> forked, Map<String, String> started) {
        Map<String, String> different = new TreeMap<>();
        forked.forEach((name, value) -> {
            if (!value.equals(started.get(name))) {
                different.put(name, value + ", " + started.get(name));
            }
        });
        started.keySet().stream().filter(name -> !forked.containsKey(name)).forEach(name -> different.put(name, "-"));
        return different;
    }

    private GenericSandbox generic(Optional<Zygote> from) throws InterruptedException {
        return generic(runtime, from);
    }

    private GenericSandbox generic(NativeRuntime runtime, Optional<Zygote> from) throws InterruptedException {
        lines.clear();
        SandboxSpec spec = new SandboxSpec(
                "frk_" + next++,
                "nobody",
                List.of(layer),
                List.of(
                        "/bin/sh",
                        "-c",
                        "echo started; echo generic; m=$(cat <&3); exec 3<&-; set -- $m; . /workspace/start.sh"),
                Map.of(),
                "/",
                UID,
                LIMITS,
                List.of(),
                EgressPolicy.NONE,
                (_, line) -> lines.add(line));
        GenericSandbox made = runtime.startGeneric(spec, from);
        until(() -> lines.contains("generic"));
        return made;
    }

    /** Zygotes themselves, by a word of their command. */
    private static List<Long> zygotes(String word) {
        return ProcessHandle.allProcesses()
                .filter(each -> each.info().command().orElse("").endsWith("/bin/zygote"))
                .filter(each -> each.parent()
                        .map(parent -> parent.info().command().orElse("").endsWith("/mayfly-launcher"))
                        .orElse(false))
                .map(ProcessHandle::pid)
                .filter(pid -> read(pid, "cmdline").contains(word))
                .filter(pid -> read(pid, "status").matches("(?s).*\nNSpid:\\s\\d+\\s+2\n.*")) // Slots may have lost it.
                .toList();
    }

    private static long newestFork() {
        return ProcessHandle.allProcesses()
                .filter(each -> each.info().command().orElse("").endsWith("/bin/zygote"))
                .filter(each -> each.parent().map(ForkedIT::isSlot).orElse(false))
                .mapToLong(ProcessHandle::pid)
                .filter(ForkedIT::isUnprivileged)
                .max()
                .orElseThrow();
    }

    private static boolean isSlot(ProcessHandle process) {
        return process.info().command().orElse("").endsWith("/bin/zygote");
    }

    private static boolean isUnprivileged(long pid) {
        return read(pid, "status").contains("CapEff:\t0000000000000000");
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + file));
        } catch (IOException e) {
            return ""; // It has ended.
        }
    }

    private static List<String> librariesOf(Path program) throws Exception {
        return Arrays.stream(HostCommands.run("ldd", program.toString()).split("\\s+"))
                .filter(word -> word.startsWith("/"))
                .toList();
    }

    private static void until(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1_000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(10);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
