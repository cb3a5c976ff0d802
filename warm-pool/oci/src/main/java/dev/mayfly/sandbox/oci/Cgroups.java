package dev.mayfly.sandbox.oci;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The cgroups of this server's sandboxes, on version 1, version 2 and machines that have both. */
final class Cgroups {
    private static final Logger log = LoggerFactory.getLogger(Cgroups.class);
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    /** As how many, on each processor. */
    private static final int PROCESSES = 4;

    private static final long FREEZE_NS_MAX = 5_000_000_000L;

    private final String parent;

    /** @param parent name of the directory that holds one for each sandbox */
    Cgroups(String parent) {
        this.parent = parent;
    }

    /**
     * All sandboxes of the class weigh together, on every processor, as some of the machine's processes and not as one on all
     * processors together: see ADR 10. Where that cannot be said they weigh as one.
     */
    void weigh() {
        boolean unified = Files.exists(ROOT.resolve("cgroup.controllers"));
        int processes = PROCESSES * Runtime.getRuntime().availableProcessors();
        Path group = (unified ? ROOT : ROOT.resolve("cpu")).resolve(parent);
        try {
            if (unified) {
                Files.writeString(ROOT.resolve("cgroup.subtree_control"), "+memory +pids +cpu");
            }
            Files.createDirectories(group);
            write(
                    group,
                    unified ? "cpu.weight" : "cpu.shares",
                    unified ? Math.min(10_000, 100 * processes) : Math.min(262_144, 1_024 * processes));
        } catch (IOException e) {
            log.atDebug().addKeyValue("cgroup", group).setCause(e).log("Its weight stays as it is");
        }
    }

    String path(String id) {
        return "/" + parent + "/" + id;
    }

    /** Every hierarchy in which a cgroup of ours may lie: the unified one, or one for each controller. */
    private static List<Path> hierarchies() {
        List<Path> found = new ArrayList<>();
        if (Files.exists(ROOT.resolve("cgroup.controllers"))) {
            found.add(ROOT);
            return found;
        }
        try (var entries = Files.list(ROOT)) {
            entries.filter(Files::isDirectory)
                    .filter(path -> !Files.isSymbolicLink(path))
                    .forEach(found::add);
        } catch (IOException e) {
            // Without cgroups there is nothing to find; making a sandbox will say so.
        }
        return found;
    }

    /** Directories of the sandbox that exist. */
    List<Path> of(String id) {
        return hierarchies().stream()
                .map(root -> root.resolve(parent).resolve(id))
                .filter(Files::exists)
                .toList();
    }

    /** Ids of all sandboxes that have a cgroup. */
    List<String> ids() {
        List<String> ids = new ArrayList<>();
        for (Path root : hierarchies()) {
            try (var entries = Files.list(root.resolve(parent))) {
                entries.filter(Files::isDirectory)
                        .map(path -> path.getFileName().toString())
                        .forEach(ids::add);
            } catch (IOException e) {
                // This hierarchy has none of ours.
            }
        }
        return ids.stream().distinct().toList();
    }

    /**
     * Makes the cgroup with its limits ourselves, for a program that takes the one it made along when it ends. The other
     * controllers of version 1 are left to it.
     */
    void create(String id, SandboxSpec.SandboxLimits limits) {
        long bytes = limits.memoryMib() * 1024L * 1024L;
        try {
            if (Files.exists(ROOT.resolve("cgroup.controllers"))) {
                Path cgroup = ROOT.resolve(parent).resolve(id);
                Files.writeString(ROOT.resolve("cgroup.subtree_control"), "+memory +pids +cpu");
                Files.createDirectories(cgroup.getParent());
                Files.writeString(cgroup.resolveSibling("cgroup.subtree_control"), "+memory +pids +cpu");
                Files.createDirectory(cgroup);
                write(cgroup, "memory.max", bytes);
                write(cgroup, "memory.swap.max", 0);
                write(cgroup, "memory.oom.group", 1);
                write(cgroup, "pids.max", limits.pids());
                Files.writeString(
                        cgroup.resolve("cpu.max"), OciConfig.quota(limits.cpus()) + " " + OciConfig.CPU_PERIOD_US);
                return;
            }
            write(make("memory", id), "memory.limit_in_bytes", bytes);
            write(make("pids", id), "pids.max", limits.pids());
            make("freezer", id);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a cgroup for " + id, e);
        }
    }

    private Path make(String controller, String id) throws IOException {
        return Files.createDirectories(ROOT.resolve(controller).resolve(parent).resolve(id));
    }

    private static void write(Path cgroup, String file, long value) throws IOException {
        Files.writeString(cgroup.resolve(file), String.valueOf(value));
    }

    /** Stops or starts the time of all processes of the sandbox; returns when they stand still. */
    void freeze(String id, boolean frozen) throws InterruptedException {
        for (Path cgroup : of(id)) {
            Path version1 = cgroup.resolve("freezer.state");
            Path version2 = cgroup.resolve("cgroup.freeze");
            try {
                if (Files.exists(version1)) {
                    String wanted = frozen ? "FROZEN" : "THAWED";
                    Files.writeString(version1, wanted);
                    await(() -> Files.readString(version1).strip().equals(wanted), id);
                    return;
                }
                // A version 2 cgroup that has no controllers can freeze as well, but may not hold the processes.
                if (Files.exists(version2) && Files.exists(ROOT.resolve("cgroup.controllers"))) {
                    Files.writeString(version2, frozen ? "1" : "0");
                    String wanted = frozen ? "frozen 1" : "frozen 0";
                    await(
                            () -> Files.readAllLines(cgroup.resolve("cgroup.events"))
                                    .contains(wanted),
                            id);
                    return;
                }
            } catch (IOException e) {
                throw new MayflyException(ErrorCode.INTERNAL, "cannot freeze or thaw sandbox " + id, e);
            }
        }
        throw new MayflyException(
                ErrorCode.UNSUPPORTED,
                "sandbox " + id + ": has no cgroup that can be frozen (it ended, or no freezer here)");
    }

    private interface State {
        boolean reached() throws IOException;
    }

    private static void await(State state, String id) throws IOException, InterruptedException {
        for (long deadline = System.nanoTime() + FREEZE_NS_MAX; !state.reached(); ) {
            if (System.nanoTime() - deadline > 0) {
                throw new MayflyException(ErrorCode.INTERNAL, "sandbox " + id + " does not freeze or thaw in time");
            }
            Thread.sleep(1);
        }
    }

    /** What the counters say of how it ended; they must still be there. */
    SandboxExit.Cause cause(String id) {
        if (field(id, "memory.oom_control", "oom_kill") > 0 || field(id, "memory.events", "oom_kill") > 0) {
            return SandboxExit.Cause.OOM_KILLED;
        }
        return field(id, "pids.events", "max") > 0 ? SandboxExit.Cause.PIDS_LIMIT : SandboxExit.Cause.ENDED;
    }

    /** Kills every process in the sandbox's cgroups. */
    void kill(String id) {
        for (Path cgroup : of(id)) {
            for (long pid : pids(cgroup)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    List<Long> pids(Path cgroup) {
        try {
            return Files.readAllLines(cgroup.resolve("cgroup.procs")).stream()
                    .map(Long::parseLong)
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** What the sandbox has used; zeros where the kernel does not count. */
    SandboxUsage usage(String id) {
        return new SandboxUsage(
                cpu(id),
                number(id, "memory.current", "memory.usage_in_bytes"),
                number(id, "memory.peak", "memory.max_usage_in_bytes"),
                (int) number(id, "pids.current", "pids.current"));
    }

    private Duration cpu(String id) {
        long nanos = number(id, "cpuacct.usage", "cpuacct.usage");
        return nanos > 0
                ? Duration.ofNanos(nanos)
                : Duration.of(field(id, "cpu.stat", "usage_usec"), ChronoUnit.MICROS);
    }

    private long number(String id, String file, String fileOfVersion1) {
        for (Path cgroup : of(id)) {
            for (String name : List.of(file, fileOfVersion1)) {
                try {
                    return Long.parseLong(Files.readString(cgroup.resolve(name)).strip());
                } catch (IOException e) {
                    // Another hierarchy has it.
                }
            }
        }
        return 0;
    }

    private long field(String id, String file, String name) {
        for (Path cgroup : of(id)) {
            try {
                for (String line : Files.readAllLines(cgroup.resolve(file))) {
                    if (line.startsWith(name + " ")) {
                        return Long.parseLong(line.substring(name.length() + 1).strip());
                    }
                }
            } catch (IOException e) {
                // Another hierarchy has it.
            }
        }
        return 0;
    }

    /** Removes the sandbox's cgroups; the kernel refuses while a process is in them. */
    void remove(String id) {
        of(id).forEach(Cgroups::delete);
    }

    /** Removes the parents; they go when they are empty. */
    void removeParents() {
        hierarchies().forEach(root -> delete(root.resolve(parent)));
    }

    private static void delete(Path cgroup) {
        try {
            Files.deleteIfExists(cgroup);
        } catch (IOException e) {
            // Still in use: whoever proves that nothing is left finds it.
        }
    }
}
