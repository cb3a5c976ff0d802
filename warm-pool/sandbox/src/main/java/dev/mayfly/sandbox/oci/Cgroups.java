package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.SandboxUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The cgroups of this server's sandboxes, on version 1, version 2 and machines that have both. */
final class Cgroups {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private final String parent;

    /** @param parent name of the directory that holds one for each sandbox */
    Cgroups(String parent) {
        this.parent = parent;
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
