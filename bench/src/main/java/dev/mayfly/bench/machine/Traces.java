package dev.mayfly.bench.machine;

import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.RuntimeSite;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What this machine shows of the sandboxes of one folder: processes, mounts, cgroups, links and firewall tables that carry
 * its path or the tag made of it. Those of other servers do not count, so it may be busy meanwhile.
 */
public final class Traces {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final int CGROUP_DEPTH = 5;

    private final String folder;
    private final String tag;

    /** @param run the folder that its runtime class was opened on */
    public Traces(Path run) {
        this.folder = run.toAbsolutePath().normalize().toString();
        this.tag = RuntimeSite.of(run).tag();
    }

    /** All of them, one line each. */
    public List<String> all() throws InterruptedException {
        List<String> found = new ArrayList<>();
        processes().forEach(process -> found.add("process " + process.pid() + " " + commandLine(process)));
        cgroups().forEach(cgroup -> found.add("cgroup " + cgroup));
        mounts().forEach(mount -> found.add("mount " + mount));
        links().forEach(link -> found.add("link " + link));
        tables().forEach(table -> found.add("firewall " + table));
        return found;
    }

    /** What is there when the time is over, or nothing as soon as nothing is: the kernel frees some things a moment later. */
    public List<String> afterAtMost(Duration time) throws InterruptedException {
        long deadline = System.nanoTime() + time.toNanos();
        List<String> found = all();
        while (!found.isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.sleep(100);
            found = all();
        }
        return found;
    }

    /** Processes in its cgroups, or started with its path. This one and its ancestors do not count. */
    public List<ProcessHandle> processes() {
        Set<Long> own = new HashSet<>();
        for (ProcessHandle each = ProcessHandle.current();
                each != null;
                each = each.parent().orElse(null)) {
            own.add(each.pid());
        }
        return ProcessHandle.allProcesses()
                .filter(process -> !own.contains(process.pid()))
                .filter(process -> inCgroup(process) || names(commandLine(process)))
                .toList();
    }

    /** Those that run in a sandbox, not those that look after it or wait to become one. */
    public List<ProcessHandle> sandboxed() {
        return ProcessHandle.allProcesses()
                .filter(this::inCgroup)
                .filter(process -> !isLauncher(process))
                .toList();
    }

    /** What the launcher has started to fork functions from; it runs beside it, in no sandbox. */
    public List<ProcessHandle> zygotes() {
        return ProcessHandle.allProcesses()
                .filter(process -> !inCgroup(process) && !isLauncher(process))
                .filter(process -> process.parent()
                        .filter(parent ->
                                isLauncher(parent) && commandLine(parent).contains("mayfly-" + tag))
                        .isPresent())
                .toList();
    }

    /** The process that makes sandboxes, or one of those that it keeps waiting. */
    public static boolean isLauncher(ProcessHandle process) {
        return link(process, "exe").endsWith("/mayfly-launcher");
    }

    /** How many sandboxes run: each has a pid namespace of its own. */
    public long running() {
        return sandboxed().stream()
                .map(process -> link(process, "ns/pid"))
                .filter(namespace -> !namespace.isEmpty())
                .distinct()
                .count();
    }

    private static String link(ProcessHandle process, String name) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", String.valueOf(process.pid()), name))
                    .toString();
        } catch (IOException e) {
            return ""; // It ended.
        }
    }

    private boolean inCgroup(ProcessHandle process) {
        return read(Path.of("/proc", String.valueOf(process.pid()), "cgroup"))
                .lines()
                .anyMatch(line -> line.contains("mayfly-" + tag) || names(line));
    }

    private boolean names(String text) {
        return text.contains(folder + "/") || text.endsWith(folder) || text.contains(folder + " ");
    }

    public List<Path> cgroups() {
        List<Path> found = new ArrayList<>();
        try {
            Files.walkFileTree(CGROUPS, Set.of(), CGROUP_DEPTH, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
                    if (path.toString().contains("mayfly-" + tag)) {
                        found.add(path);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path path, IOException e) {
                    return FileVisitResult.CONTINUE; // It went while we looked.
                }

                @Override
                public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** Mount points in every mount namespace that a process shows us. */
    public List<String> mounts() {
        Set<String> namespaces = new HashSet<>();
        Set<String> found = new HashSet<>();
        ProcessHandle.allProcesses().forEach(process -> {
            Path proc = Path.of("/proc", String.valueOf(process.pid()));
            try {
                if (namespaces.add(
                        Files.readSymbolicLink(proc.resolve("ns/mnt")).toString())) {
                    read(proc.resolve("mountinfo"))
                            .lines()
                            .filter(line -> line.contains(folder + "/"))
                            .forEach(line -> found.add(line.split(" ")[4]));
                }
            } catch (IOException e) {
                // It ended, and its namespace with it unless another process shows it.
            }
        });
        return found.stream().sorted().toList();
    }

    /** Network namespaces: those of sandboxed processes and those that a mount of the folder holds. */
    public long networks() {
        Set<String> found = new HashSet<>();
        sandboxed().forEach(process -> found.add(link(process, "ns/net")));
        found.remove("");
        read(Path.of("/proc/self/mountinfo"))
                .lines()
                .filter(line -> line.contains(folder + "/") && line.contains(" net:["))
                .forEach(line -> found.add(line.split(" ")[3]));
        return found.size();
    }

    public List<String> links() {
        try (Stream<Path> links = Files.list(Path.of("/sys/class/net"))) {
            return links.map(link -> String.valueOf(link.getFileName()))
                    .filter(name -> name.startsWith("mf" + tag))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> tables() throws InterruptedException {
        return HostCommands.run("nft", "list", "tables")
                .lines()
                .filter(line -> line.contains("mayfly_" + tag))
                .toList();
    }

    private static String commandLine(ProcessHandle process) {
        return read(Path.of("/proc", String.valueOf(process.pid()), "cmdline"))
                .replace('\0', ' ')
                .strip();
    }

    /** The kernel's files say that they are empty: read to the end. */
    public static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
