package dev.mayfly.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the machine shows of one instance: processes, mounts, cgroups, links and files that carry its id. */
final class HostTraces {
    private HostTraces() {}

    static List<String> of(Server server, String instance) {
        List<String> traces = new ArrayList<>();
        ProcessHandle.allProcesses()
                .map(process -> "process " + process.pid() + " " + read(Path.of("/proc/" + process.pid() + "/cgroup"))
                        + read(Path.of("/proc/" + process.pid() + "/cmdline")))
                .filter(text -> text.contains(instance))
                .forEach(traces::add);
        // The server has a mount namespace of its own: look in there too.
        for (String namespace : List.of("self", String.valueOf(server.pid()))) {
            read(Path.of("/proc/" + namespace + "/mountinfo"))
                    .lines()
                    .filter(line -> line.contains(instance))
                    .forEach(line -> traces.add("mount " + line));
        }
        find(Path.of("/sys/fs/cgroup"), 6, instance, "cgroup", traces);
        find(server.data.resolve("run"), 6, instance, "file", traces);
        find(Path.of("/sys/class/net"), 1, instance, "link", traces);
        return traces;
    }

    private static void find(Path root, int depth, String name, String what, List<String> traces) {
        try (var paths = Files.walk(root, depth)) {
            paths.filter(path -> path.getFileName() != null
                            && path.getFileName().toString().contains(name))
                    .forEach(path -> traces.add(what + " " + path));
        } catch (IOException | java.io.UncheckedIOException e) {
            // Something vanished while we looked: look again, the caller polls.
            if (Files.exists(root) && !(e instanceof java.io.UncheckedIOException)) {
                traces.add(what + " unreadable: " + e.getMessage());
            }
        }
    }

    private static String read(Path file) {
        try {
            return Shell.text(file).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }
}
