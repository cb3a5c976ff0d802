package dev.mayfly.sandbox.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What only the launcher does. Needs root and a mount namespace of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NativeRuntimeIT {
    private static final String TAG = "%04x".formatted(ProcessHandle.current().pid() & 0xffff);

    private Path folder;
    private Path layer;
    private NativeRuntime runtime;
    private Networks networks;
    private int next;

    @BeforeAll
    void open(@TempDir Path temporary) throws Exception {
        folder = temporary;
        layer = Files.createDirectories(folder.resolve("layer"));
        Files.createDirectories(layer.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), layer.resolve("bin/busybox"));
        for (String applet : List.of("sh", "sleep", "cat", "nc", "head")) {
            Files.createSymbolicLink(layer.resolve("bin/" + applet), Path.of("busybox"));
        }
        Files.writeString(layer.resolve("bin/answer.c"), """
                #include <string.h>
                #include <sys/socket.h>
                #include <unistd.h>
                int main(void) {
                    for (;;) {
                        int fd = accept(0, 0, 0);
                        if (fd < 0) return 1;
                        write(fd, "hello", 5);
                        close(fd);
                    }
                }
                """);
        compile("answer");
        Files.writeString(layer.resolve("bin/hold.c"), """
                #define _GNU_SOURCE
                #include <fcntl.h>
                #include <sys/socket.h>
                #include <unistd.h>
                int main(void) {
                    int pair[2];
                    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
                    write(1, "held\\n", 5);
                    splice(pair[0], 0, 1, 0, 4096, 0);
                    return 1;
                }
                """);
        compile("hold");
        HostCommands.run("chmod", "-R", "a+rX", folder.toString());
        networks = new Networks(NetworkConfig.DEFAULTS, folder.resolve("netns"), TAG);
        // Longer than the path of a socket may be.
        runtime = new NativeRuntime(folder.resolve("run" + "n".repeat(110)), TAG, networks, false, Duration.ZERO);
    }

    @AfterAll
    void close() {
        runtime.close();
        networks.close();
        assertThat(launchers()).isEmpty();
        assertThat(Path.of("/sys/fs/cgroup/pids/mayfly-" + TAG)).doesNotExist();
        assertThat(Path.of("/sys/fs/cgroup/mayfly-" + TAG)).doesNotExist();
    }

    private void compile(String name) throws InterruptedException {
        String program = layer.resolve("bin").resolve(name).toString();
        HostCommands.run("cc", "-static", "-w", "-o", program, program + ".c");
    }

    /** ADR 14; threads that come later inherit it. */
    @Test
    void theServerTakesTurnsAsShortAsItsSandboxes() throws Exception {
        List<String> turns = new ArrayList<>();
        AtomicLong threads = new AtomicLong();
        Thread later = Thread.ofPlatform().start(() -> {
            String scheduled = read(Path.of("/proc/thread-self/sched"));
            scheduled
                    .lines()
                    .filter(line -> line.startsWith("se.slice ")) // Since Linux 6.12.
                    .forEach(line -> turns.add(line.replaceAll(".*: *", "")));
            threads.incrementAndGet();
        });
        later.join();
        assertThat(threads).hasValue(1);
        assertThat(turns).allMatch("100000"::equals);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return ""; // A kernel without it.
        }
    }

    /** All together weigh more than one process, and each takes short turns: or one that never sleeps starves the others. */
    @Test
    void sandboxesShareProcessorsInShortTurns() throws Exception {
        int processors = Runtime.getRuntime().availableProcessors();
        Path version1 = Path.of("/sys/fs/cgroup/cpu/mayfly-" + TAG + "/cpu.shares");
        Path version2 = Path.of("/sys/fs/cgroup/mayfly-" + TAG + "/cpu.weight");
        assertThat(Files.readString(Files.exists(version1) ? version1 : version2)
                        .strip())
                .isEqualTo(String.valueOf(
                        Files.exists(version1)
                                ? Math.min(262_144, 4_096 * processors)
                                : Math.min(10_000, 400 * processors)));
        String mark = "86400." + System.nanoTime();
        Sandbox sandbox =
                runtime.start(spec(Optional.empty(), (_, _) -> {}, "/bin/sh", "-c", "sleep " + mark + "; true"));
        try {
            List<Long> turns = new ArrayList<>();
            until(() -> {
                turns.clear();
                ProcessHandle.allProcesses()
                        .filter(each -> each.info().commandLine().orElse("").contains(mark))
                        .forEach(each -> turns.add(turnNanos(each.pid())));
                return turns.size() == 2; // The shell and what it has started.
            });
            // Before 6.12 the kernel knows no turns of a process' own and says 0.
            assertThat(turns).allMatch(turn -> turn == 100_000 || (turn == 0 && !knowsTurns()));
        } finally {
            assertThat(sandbox.destroy()).isEmpty();
        }
    }

    private static boolean knowsTurns() {
        String[] version = System.getProperty("os.version").split("\\D", 3);
        return Integer.parseInt(version[0]) > 6 || (version[0].equals("6") && Integer.parseInt(version[1]) >= 12);
    }

    /** The field {@code sched_runtime} of sched_getattr. */
    private static long turnNanos(long pid) {
        int number = System.getProperty("os.arch").equals("aarch64") ? 275 : 315;
        try {
            return Long.parseLong(HostCommands.run(
                    "perl",
                    "-e",
                    "$b = \"\\0\" x 48; syscall($ARGV[0] + 0, $ARGV[1] + 0, $b, 48, 0) == 0 or print(-1), exit;"
                            + " print unpack('Q', substr($b, 24, 8))",
                    String.valueOf(number),
                    String.valueOf(pid)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    /** While it splices from a silent socket, every read of its standard output waits, however it was opened. */
    @Test
    void aProgramThatHoldsItsOutputsLockStopsNobodyElse() throws Exception {
        Sandbox holder = runtime.start(spec(Optional.empty(), (_, _) -> {}, "/bin/hold"));
        Thread.sleep(200);
        for (int i = 0; i < 3; i++) {
            List<String> lines = Collections.synchronizedList(new ArrayList<>());
            Sandbox other =
                    runtime.start(spec(Optional.empty(), (_, line) -> lines.add(line), "/bin/sh", "-c", "echo quick"));
            assertThat(other.exit().get(5, TimeUnit.SECONDS).code()).isZero();
            assertThat(lines).containsExactly("quick");
            assertThat(other.destroy()).isEmpty();
        }
        assertThat(holder.usage().pids()).isEqualTo(1);
        assertThat(holder.destroy()).isEmpty();
        assertThat(holder.exit().get(5, TimeUnit.SECONDS).code()).isEqualTo(128 + 9);
    }

    /** Its first process waits in the kernel for another of its own, and hears no signal before that one is gone. */
    @Test
    void aProgramThatCannotDieByItselfIsDestroyedAllTheSame() throws Exception {
        Sandbox stuck =
                runtime.start(spec(Optional.empty(), (_, _) -> {}, "/bin/sh", "-c", "x=$(/bin/hold); sleep 600"));
        Thread.sleep(200);
        assertThat(CompletableFuture.supplyAsync(() -> {
                    try {
                        return stuck.destroy();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }))
                .succeedsWithin(java.time.Duration.ofSeconds(5))
                .isEqualTo(List.of());
        assertThat(stuck.exit().get(5, TimeUnit.SECONDS).code()).isEqualTo(128 + 9);
    }

    @Test
    void connectionsWaitInASocketThatTheProgramNeverSees() throws Exception {
        Path socket = Files.createDirectories(folder.resolve("fn")).resolve("s");
        Sandbox sandbox = runtime.start(spec(Optional.of(socket), (_, _) -> {}, "/bin/answer"));
        assertThat(sandbox.address()).as("needs no network").isEmpty();
        assertThat(ask(socket)).isEqualTo("hello");
        assertThat(sandbox.destroy()).isEmpty();
        assertThat(socket).doesNotExist();
    }

    @Test
    void refusesToActInItsParentsMountNamespace() throws Exception {
        var refused = HostCommands.attempt(
                "",
                List.of(
                        System.getProperty("mayfly.launcher"),
                        "--folder",
                        folder.resolve("never").toString(),
                        "--socket",
                        folder.resolve("never.sock").toString(),
                        "--cgroup",
                        "mayfly-never"));
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.output()).contains("shares its mount namespace with its parent");
        assertThat(folder.resolve("never")).doesNotExist();
    }

    @Test
    void whatIsAtFaultIsNamedWithWhatWasExpected() {
        assertThatThrownBy(() -> runtime.start(spec(Optional.empty(), (_, _) -> {}, "/bin/nothing")))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("argv: '/bin/nothing' (expected: a program in the image")
                .hasMessageContaining("ENOENT");
        assertThatThrownBy(() ->
                        runtime.start(spec(Optional.of(Path.of("/" + "x".repeat(120))), (_, _) -> {}, "/bin/answer")))
                .hasMessageContaining("listen")
                .hasMessageContaining("at most 107 bytes");
        String many = "x".repeat(100_000);
        assertThatThrownBy(() -> runtime.start(spec(Optional.empty(), (_, _) -> {}, "/bin/sh", many, many, many)))
                .hasMessageContaining("argv and env")
                .hasMessageContaining("at most 256 KiB");
    }

    @Test
    void aTakerThatTakesNothingSlowsItsOwnProgramOnly() throws Exception {
        CountDownLatch mayTake = new CountDownLatch(1);
        AtomicLong taken = new AtomicLong();
        Sandbox flood = runtime.start(spec(
                Optional.empty(),
                (_, line) -> {
                    taken.addAndGet(line.length());
                    await(mayTake);
                },
                "/bin/sh",
                "-c",
                "head -c 3000000 /dev/zero | busybox tr '\\0' x | busybox fold -w 1000; echo; echo done"));
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox other =
                runtime.start(spec(Optional.empty(), (_, line) -> lines.add(line), "/bin/sh", "-c", "echo quick"));
        assertThat(other.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        assertThat(lines).containsExactly("quick");
        assertThat(flood.exit()).isNotDone();
        mayTake.countDown();
        assertThat(flood.exit().get(30, TimeUnit.SECONDS).code()).isZero();
        assertThat(taken.get()).as("nothing is lost").isEqualTo(3_000_000 + "done".length());
        assertThat(flood.destroy()).isEmpty();
        assertThat(other.destroy()).isEmpty();
    }

    /** The next shell of its slot is made within the last one's limit, and by two processes. */
    @Test
    void aSandboxOfOneProcessLeavesItsSlotFitForTheNext() throws Exception {
        SandboxSpec.SandboxLimits one = new SandboxSpec.SandboxLimits(64, 1.0, 1, 16);
        NativeRuntime other = new NativeRuntime(folder.resolve("one"), TAG + "o", networks, true, Duration.ZERO);
        try (other) {
            for (int i = 0; i < 30; i++) { // More than there are slots.
                SandboxSpec spec = spec(Optional.empty(), (_, _) -> {}, one, "/bin/sleep", "0");
                Sandbox sandbox = other.start(spec);
                assertThat(sandbox.exit().get(5, TimeUnit.SECONDS).code()).isZero();
                assertThat(sandbox.destroy()).isEmpty();
            }
        }
    }

    @Test
    void aProgramWithoutAHandlerForTermEndsAtOnce() throws Exception {
        Sandbox sandbox = runtime.start(spec(Optional.empty(), (_, _) -> {}, "/bin/sleep", "600"));
        sandbox.terminate();
        assertThat(sandbox.exit().get(2, TimeUnit.SECONDS))
                .isEqualTo(new SandboxExit(128 + 9, SandboxExit.Cause.ENDED));
        assertThat(sandbox.destroy()).isEmpty();
    }

    @Test
    void killedItTakesItsSandboxesAlongAndComesBack() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox sandbox = runtime.start(
                spec(Optional.empty(), (_, line) -> lines.add(line), "/bin/sh", "-c", "echo up; exec sleep 600"));
        until(() -> lines.contains("up"));
        List<ProcessHandle> all = launchers();
        ProcessHandle oldest = all.stream()
                .filter(each -> each.parent()
                        .map(ProcessHandle::pid)
                        .equals(Optional.of(ProcessHandle.current().pid())))
                .findFirst()
                .orElseThrow();
        oldest.destroyForcibly();
        assertThat(sandbox.exit().get(10, TimeUnit.SECONDS).cause()).isEqualTo(SandboxExit.Cause.RUNTIME_LOST);
        assertThat(sandbox.destroy()).isEmpty();

        Sandbox after =
                runtime.start(spec(Optional.empty(), (_, line) -> lines.add(line), "/bin/sh", "-c", "echo again"));
        assertThat(after.exit().get(10, TimeUnit.SECONDS).code()).isZero();
        assertThat(after.destroy()).isEmpty();
        assertThat(lines).contains("again");
        until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void whatAKilledLauncherLeftIsGoneAtTheLatestWhenItsRuntimeCloses() throws Exception {
        String tag = TAG + "k";
        NativeRuntime other = new NativeRuntime(folder.resolve("killed"), tag, networks, false, Duration.ZERO);
        launchers().stream()
                .filter(each -> each.info().commandLine().orElse("").contains("mayfly-" + tag))
                .filter(each -> each.parent()
                        .map(ProcessHandle::pid)
                        .equals(Optional.of(ProcessHandle.current().pid())))
                .forEach(ProcessHandle::destroyForcibly);
        other.close();
        assertThat(cgroupsOf("mayfly-" + tag)).isEmpty();
    }

    @Test
    void anInterruptedThreadStillWaitsUntilAllIsCleanedUp() throws Exception {
        String tag = TAG + "i";
        NativeRuntime other = new NativeRuntime(folder.resolve("interrupted"), tag, networks, false, Duration.ZERO);
        Thread.currentThread().interrupt();
        other.close();
        assertThat(Thread.interrupted()).as("it is told all the same").isTrue();
        assertThat(cgroupsOf("mayfly-" + tag)).isEmpty();
        assertThat(launchers())
                .noneMatch(each -> each.info().commandLine().orElse("").contains("mayfly-" + tag));
    }

    @Test
    void aSuccessorWaitsForAPredecessorThatStillCleansUp() throws Exception {
        String cgroup = "mayfly-" + TAG + "s";
        Path file = Path.of(System.getProperty("mayfly.launcher"));
        Path socket = folder.resolve("successor.sock");
        LauncherProgram first =
                LauncherProgram.start(file, folder.resolve("successor"), socket, cgroup, 2, Duration.ZERO);
        var second = CompletableFuture.supplyAsync(
                () -> LauncherProgram.start(file, folder.resolve("successor"), socket, cgroup, 2, Duration.ZERO));
        assertThat(second).isNotDone();
        first.stop();
        assertThat(first.exit()).isZero();
        LauncherProgram successor = second.get(15, TimeUnit.SECONDS);
        assertThat(socket).as("is the successor's").exists();
        successor.stop();
        assertThat(successor.exit()).isZero();
        assertThat(cgroupsOf(cgroup)).isEmpty();
    }

    private static List<Path> cgroupsOf(String name) throws IOException {
        try (var found = Files.find(Path.of("/sys/fs/cgroup"), 2, (path, _) -> path.endsWith(name))) {
            return found.toList();
        }
    }

    private SandboxSpec spec(
            Optional<Path> socket, java.util.function.BiConsumer<Boolean, String> output, String... argv) {
        return spec(socket, output, new SandboxSpec.SandboxLimits(64, 1.0, 32, 16), argv);
    }

    private SandboxSpec spec(
            Optional<Path> socket,
            java.util.function.BiConsumer<Boolean, String> output,
            SandboxSpec.SandboxLimits limits,
            String... argv) {
        return new SandboxSpec(
                "ins_" + next++,
                "local",
                List.of(layer),
                List.of(argv),
                Map.of(),
                "/",
                20_000,
                limits,
                List.of(),
                EgressPolicy.NONE,
                socket,
                "",
                output);
    }

    /** The launcher's process and its slots. Their shells and programs have other names or none. */
    private List<ProcessHandle> launchers() {
        return ProcessHandle.current()
                .descendants()
                .filter(each -> each.info().command().orElse("").endsWith("mayfly-launcher"))
                .toList();
    }

    private static String ask(Path socket) throws Exception {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            Channels.newInputStream(channel).transferTo(answer);
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void until(java.util.function.BooleanSupplier holds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline).as("not within 10 s").isNegative();
            Thread.sleep(10);
        }
    }
}
