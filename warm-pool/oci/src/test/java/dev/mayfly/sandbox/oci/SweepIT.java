package dev.mayfly.sandbox.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.RuntimeSite;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.SandboxListener;
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
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is planted on the machine under this server's names is found, destroyed and told; what lives is left alone. */
final class SweepIT implements SandboxListener {
    private static final SandboxConfig CONFIG = new SandboxConfig("runc", List.of("runc"));
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    @TempDir
    private Path folder;

    private final List<String> left = new CopyOnWriteArrayList<>();
    private final Map<String, Sweep> last = new ConcurrentHashMap<>();
    private final List<Path> planted = new ArrayList<>();
    private Path own;
    private String tag;
    private Runtimes runtimes;
    private Subject subject;
    private Started living;

    @Override
    public void left(String runtime, String sandbox, List<String> what) {
        left.add(runtime + " " + sandbox);
    }

    @Override
    public void swept(String what, Sweep sweep) {
        last.put(what, sweep);
    }

    @Override
    public void sweepFailed(String what) {
        throw new AssertionError("the sweep of " + what + " failed");
    }

    @BeforeEach
    void open() throws Exception {
        Path layer = Image.make(folder);
        Path run = folder.resolve("run");
        own = run.resolve("runc");
        tag = RuntimeSite.of(run).tag();
        runtimes = open(CONFIG, run, this);
        assertThat(last).as("swept at the start").containsEntry("runc", Sweep.NOTHING);
        subject = new Subject(
                runtimes.of(Optional.empty()), EnumSet.allOf(Can.class), folder, layer, new AtomicInteger());
        living = subject.start(subject.shell("trap 'exit 4' TERM; echo up; while :; do sleep 0.05; done"));
        living.awaitLine("up");
    }

    @AfterEach
    void close() throws Exception {
        try {
            living.close();
        } finally {
            for (Path cgroup : planted.reversed()) {
                Files.deleteIfExists(cgroup);
            }
            runtimes.close();
        }
        assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
                .as("mounts that are left")
                .noneMatch(line -> line.contains(folder.toString()));
    }

    @Test
    void whatBelongsToNobodyIsFoundDestroyedAndTold() throws Exception {
        Process process = new ProcessBuilder("sleep", "600").start();
        List<Path> places = new ArrayList<>();
        for (Path cgroup : cgroups("planted")) {
            Files.writeString(cgroup.resolve("cgroup.procs"), String.valueOf(process.pid()));
            places.add(cgroup);
        }
        for (String kind : List.of("state", "bundles")) {
            places.add(Files.createDirectories(own.resolve(kind).resolve("planted")));
            Files.writeString(own.resolve(kind).resolve("planted/file"), "x");
        }
        places.add(mount(own.resolve("roots/root-77")));
        String link = "mf" + tag + "1022";
        HostCommands.run("ip", "link", "add", link, "type", "veth", "peer", "name", "p" + link);
        places.add(Path.of("/sys/class/net").resolve(link));

        runtimes.sweep();

        assertThat(last).containsEntry("runc", new Sweep(2, List.of())); // The sandbox and the root.
        assertThat(last("networks").found()).isEqualTo(1);
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).as("ended").isTrue();
        awaitGone(places);
        runtimes.sweep();
        assertThat(last).containsEntry("runc", Sweep.NOTHING).containsEntry("networks", Sweep.NOTHING);
        assertThat(runtimes.health().used()).isEqualTo(1);
        assertThat(left).isEmpty();
        living.sandbox().terminate();
        assertThat(living.exit().code()).as("the one that lives").isEqualTo(4);
    }

    @Test
    void whatDoesNotGoStaysInQuarantineUntilItGoes() throws Exception {
        List<Path> inner = new ArrayList<>();
        for (Path cgroup : cgroups("planted")) {
            inner.add(
                    Files.createDirectory(cgroup.resolve("inner"))); // The kernel removes none that has another in it.
        }
        planted.addAll(inner);
        runtimes.sweep();
        assertThat(last("runc").found()).isEqualTo(1);
        assertThat(last("runc").left()).hasSize(inner.size()).allMatch(text -> text.contains("/planted"));
        assertThat(runtimes.health().quarantined()).isEqualTo(1);
        runtimes.sweep();
        assertThat(last("runc").found()).as("found again").isZero();
        assertThat(runtimes.health().quarantined()).isEqualTo(1);
        for (Path each : inner) {
            Files.delete(each);
        }
        runtimes.sweep();
        assertThat(last).containsEntry("runc", Sweep.NOTHING);
        assertThat(runtimes.health().quarantined()).isZero();
    }

    @Test
    void whatASandboxLeavesIsToldOnceAndTakenByTheSweep() throws Exception {
        Started it = subject.start(subject.shell("echo up; sleep 60"));
        it.awaitLine("up");
        String id = it.sandbox().id();
        Path stays = mount(own.resolve("bundles").resolve(id).resolve("stays"));
        assertThat(it.sandbox().destroy())
                .containsExactly("file " + own.resolve("bundles").resolve(id));
        assertThat(it.sandbox().destroy()).isNotEmpty();
        assertThat(left).containsExactly("runc " + id);
        runtimes.sweep();
        assertThat(last("runc").left()).hasSize(1);
        assertThat(runtimes.health().quarantined()).isEqualTo(1);
        HostCommands.run("umount", stays.toString());
        runtimes.sweep();
        assertThat(last).containsEntry("runc", Sweep.NOTHING);
        assertThat(own.resolve("bundles").resolve(id)).doesNotExist();
        assertThat(runtimes.health().quarantined()).isZero();
    }

    private Sweep last(String what) {
        return Objects.requireNonNull(last.get(what), what);
    }

    /** New cgroups beside those of the sandbox that lives. */
    private List<Path> cgroups(String name) throws Exception {
        List<Path> made = new ArrayList<>();
        boolean unified = Files.exists(CGROUPS.resolve("cgroup.controllers"));
        for (String controller : unified ? List.of("") : List.of("memory", "pids", "freezer")) {
            Path parent = CGROUPS.resolve(controller).resolve("mayfly-" + tag + "-runc");
            assertThat(parent.resolve(living.sandbox().id())).exists();
            made.add(Files.createDirectory(parent.resolve(name)));
        }
        planted.addAll(made);
        return made;
    }

    private static Path mount(Path place) throws Exception {
        MountNamespace.require();
        Files.createDirectories(place);
        HostCommands.run("mount", "-t", "tmpfs", "planted", place.toString());
        return place;
    }

    private static void awaitGone(List<Path> places) throws Exception {
        for (long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20); ; ) {
            List<Path> there = places.stream().filter(Files::exists).toList();
            if (there.isEmpty()) {
                return;
            }
            assertThat(System.nanoTime() - deadline)
                    .as("time for %s to go", there)
                    .isNegative();
            Thread.sleep(20);
        }
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
