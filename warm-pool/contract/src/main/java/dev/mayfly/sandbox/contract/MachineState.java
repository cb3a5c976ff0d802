package dev.mayfly.sandbox.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What of a sandbox could stay behind on this machine. */
public final class MachineState {
    private static final long SETTLE_NS = 3_000_000_000L;

    /** Tells what this test makes from what others on the machine make. */
    public static final String TAG = "%04x".formatted(ProcessHandle.current().pid() & 0xffff);

    private MachineState() {}

    /** Without what is made ahead and kept for the next: networks, and slots of the launcher. */
    public static List<String> state() throws Exception {
        return all().stream()
                .filter(each -> !each.startsWith("link ") && !each.contains("/netns/") && !each.contains("/slot-"))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** All of it, for when everything is closed. */
    public static List<String> all() throws Exception {
        List<String> state = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
            state.add("mount " + line.split(" ")[4]);
        }
        try (Stream<Path> links = Files.list(Path.of("/sys/class/net"))) {
            links.map(link -> String.valueOf(link.getFileName()))
                    .filter(link -> link.startsWith("mf" + TAG))
                    .forEach(link -> state.add("link " + link));
        }
        for (Path hierarchy : children(Path.of("/sys/fs/cgroup"))) {
            for (Path ours : children(hierarchy)) {
                if (ours.toString().contains("/mayfly-" + TAG)) {
                    state.add("cgroup " + ours);
                    children(ours).forEach(each -> state.add("cgroup " + each));
                }
            }
        }
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            all.filter(each -> uid(each.pid()) == SandboxRequest.UID)
                    .forEach(each -> state.add("process " + each.pid() + " "
                            + each.info().command().orElse("")));
        }
        return state;
    }

    /** What is there that was not; something that goes by itself within seconds, such as a dying process, is not left. */
    public static List<String> newSince(List<String> before) throws Exception {
        return settled(before, MachineState::state);
    }

    /** The same for {@link #all}. */
    public static List<String> allNewSince(List<String> before) throws Exception {
        return settled(before, MachineState::all);
    }

    private static List<String> settled(List<String> before, Callable<List<String>> look) throws Exception {
        for (long deadline = System.nanoTime() + SETTLE_NS; ; ) {
            List<String> now = look.call();
            now.removeAll(before);
            if (now.isEmpty() || System.nanoTime() - deadline > 0) {
                return now;
            }
            Thread.sleep(20);
        }
    }

    private static List<Path> children(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        } catch (IOException e) {
            return List.of(); // It went meanwhile.
        }
    }

    private static int uid(long pid) {
        try {
            return (int) Files.getAttribute(Path.of("/proc/" + pid), "unix:uid");
        } catch (IOException e) {
            return -1; // It ended meanwhile.
        }
    }
}
