package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.health.Supervised;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every platform thread of a server that runs is supervised, or somebody else's who keeps it. Without containers, whose own
 * threads the architecture tests list.
 */
class ServerThreadsIT {
    private static final Duration SOON = Duration.ofSeconds(30);

    /** How the name begins, and who keeps the thread. */
    private static final Map<String, String> KEPT = Map.ofEntries(
            Map.entry("vert.x-", "Vert.x: what a handler throws does not end its loop or worker"),
            Map.entry("vertx-blocked-thread-checker", "Vert.x: a timer that only warns"),
            Map.entry("mayfly-store:", "the connection pool, which is made anew with the database"),
            Map.entry("ForkJoinPool-1-", "JDK: carriers of virtual threads, replaced as needed"),
            Map.entry("VirtualThread-unblocker", "JDK"),
            Map.entry("process reaper", "JDK: one for each child, ends with it"),
            Map.entry("HttpClient-", "JDK: as long as its client, whose calls fail with it"),
            Map.entry("Keep-Alive-Timer", "JDK: while an idle connection is kept"),
            Map.entry("Cleaner-", "JDK: goes on after whatever a cleaner throws"),
            Map.entry("InnocuousThread-", "JDK"),
            Map.entry("Attach Listener", "JDK: of diagnosis from outside"),
            Map.entry("surefire-", "the run of the tests"),
            Map.entry("junit-", "the run of the tests"));

    @TempDir
    Path data;

    @Test
    void everyThreadOfAServerIsSupervisedOrKept() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        Map<String, String> config = Map.of(
                "data", data.toString(),
                "sandbox.runtime", "process",
                "gateway.host", "127.0.0.1",
                "gateway.port", "0",
                "control.port", "0",
                "base.folder", data.resolve("base").toString());
        try (Server _ = Server.start(Settings.read(ConfigReader.of(config), Map.of()), _ -> {})) {
            Set<String> supervised = names(before, true);
            assertThat(supervised).contains("housekeeping", "tenant-disks", "pool-tick");
            Set<String> unknown = names(before, false);
            long deadline = System.nanoTime() + SOON.toNanos();
            while (!unknown.isEmpty() && System.nanoTime() < deadline) { // What ends by itself is not meant.
                Thread.sleep(100);
                unknown.retainAll(names(before, false));
            }
            assertThat(unknown)
                    .as("threads that nobody restarts: run them by Health.loop, or say here who keeps them")
                    .isEmpty();
        }
    }

    /** Supervised ones are known by what is on their stacks; one of them that has not begun yet, or ends, has none. */
    private static Set<String> names(Set<Thread> before, boolean supervised) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> !before.contains(each.getKey()) && each.getValue().length > 0)
                .filter(each -> supervised == isSupervised(each.getValue()))
                .map(each -> each.getKey().getName())
                .filter(name -> supervised || KEPT.keySet().stream().noneMatch(name::startsWith))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isSupervised(StackTraceElement[] stack) {
        return Arrays.stream(stack).anyMatch(each -> each.getClassName().equals(Supervised.class.getName()));
    }
}
