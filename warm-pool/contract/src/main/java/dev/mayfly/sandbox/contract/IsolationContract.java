package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.sandbox.HostCommands;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a sandbox keeps in and out, tried by a program inside, held against the one table. */
public interface IsolationContract {
    Subject subject();

    @Test
    default void deniesAndShowsWhatTheTableSays() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            String seen = subject()
                    .run(subject()
                            .shell("id -u; ls -d /proc/"
                                    + ProcessHandle.current().pid()))
                    .text();
            assertThat(seen)
                    .as("it isolates nothing, and nobody may think that it does")
                    .contains("0", "/proc/" + ProcessHandle.current().pid());
            return;
        }
        InetAddress host = hostAddress();
        try (ServerSocket server = new ServerSocket(0, 5, host);
                Started other = subject().start(subject().program("/workspace/probe", "hold"))) {
            other.awaitLine("abstract-socket-of-its-own ALLOWED");
            Started ended = subject()
                    .run(subject()
                            .program(
                                    "/workspace/probe",
                                    "try",
                                    host.getHostAddress(),
                                    String.valueOf(server.getLocalPort()),
                                    String.valueOf(ProcessHandle.current().pid()))
                            .mount(trappedVolume(), "/data", false)
                            .open());
            Map<String, String> seen = new TreeMap<>();
            for (String line : ended.out()) {
                String[] parts = line.split(" ", 2);
                assertThat(seen.put(parts[0], parts[1])).as(line).isNull();
            }
            Map<String, String> table = Golden.of(subject().runtime().name());
            assertThat(ended.exit().code()).as(ended.text()).isZero();
            assertThat(differences(table, seen))
                    .as("what differs from the table")
                    .isEmpty();
        }
    }

    /** Links of the image where the runtime mounts: none of them is followed, and nothing of the host changes. */
    @Test
    default void linksOfTheImageWhereTheRuntimeMountsAreNotFollowed() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Path canary = Files.createDirectories(subject().folder().resolve("canary"));
        Files.writeString(canary.resolve("file"), "untouched\n");
        Path hostile = Files.createDirectories(subject().folder().resolve("hostile"));
        for (String name : List.of("proc", "dev", "sys", "tmp", "etc", "run")) {
            Files.createSymbolicLink(hostile.resolve(name), canary);
        }
        Path mounted = Files.createDirectories(subject().folder().resolve("for-hostile"));
        SandboxRequest request = subject()
                .shell("ls -d /proc/self /dev/null /etc/hosts && : >/tmp/x && ls /run/mayfly && echo all there")
                .layers(hostile, subject().layer())
                .mount(mounted, "/run/mayfly", false);
        assertThat(subject().run(request).out()).contains("all there");
        try (var left = Files.list(canary)) {
            assertThat(left.map(path -> String.valueOf(path.getFileName()))).containsExactly("file");
        }
        for (String name : List.of("proc", "dev", "sys", "tmp", "etc", "run")) {
            Files.delete(hostile.resolve(name));
        }
        Files.delete(hostile);
    }

    /** Of one image and one user: who has the same files could see what others open, and hold locks that they want. */
    @Test
    default void noSandboxSeesWhatAnotherOpensOrHoldsItsLocks() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        try (Started watcher = subject().start(subject().program("/workspace/probe", "watch", "60"))) {
            watcher.awaitLine("watching");
            assertThat(subject()
                            .run(subject().program("/workspace/probe", "touch"))
                            .out())
                    .as("locks that another holds")
                    .contains("touched")
                    .noneMatch(line -> line.endsWith(" EAGAIN"));
            watcher.sandbox().terminate();
            watcher.exit();
            assertThat(watcher.out()).as("it watched all the while").doesNotContain("nobody ended the watch");
            int own = watcher.out().indexOf("own");
            assertThat(watcher.out().subList(0, own)).noneMatch(line -> line.startsWith("seen"));
            assertThat(watcher.out().subList(own + 1, watcher.out().size()))
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("seen"));
        }
    }

    /** Where the server keeps its data is its own business. */
    @Test
    default void itsListOfMountsTellsNoPathOfTheMachine() throws Exception {
        if (!subject().offers(Can.ISOLATE)) {
            return;
        }
        Started ended =
                subject().run(subject().shell("cat /proc/self/mountinfo").open());
        assertThat(ended.out()).isNotEmpty();
        assertThat(ended.text()).as("layers").doesNotContain(subject().layer().toString());
        if (subject().runtime().name().equals("native")) { // The others mount their generated files one by one.
            assertThat(ended.text()).doesNotContain(subject().folder().toString());
        }
    }

    /** A volume in which somebody has put a file that runs as root and a device. */
    private Path trappedVolume() throws Exception {
        Path volume = subject().folder().resolve("volume");
        if (Files.notExists(volume)) {
            Files.createDirectories(volume);
            Path probe = volume.resolve("setuid-probe");
            Files.copy(subject().layer().resolve("workspace/probe"), probe);
            HostCommands.run("chmod", "6755", probe.toString());
            HostCommands.run("mknod", "-m", "0666", volume.resolve("null").toString(), "c", "1", "3");
            Image.makeDisk(volume.resolve("disk"));
        }
        return volume;
    }

    private static Map<String, String> differences(Map<String, String> table, Map<String, String> seen) {
        Map<String, String> different = new TreeMap<>();
        table.forEach((name, expected) -> {
            String found = seen.getOrDefault(name, "nothing said");
            if (!List.of(expected.split("\\|")).contains(found)) {
                different.put(name, found + " (expected: " + expected + ")");
            }
        });
        seen.forEach((name, found) -> {
            if (!table.containsKey(name)) {
                different.put(name, found + " (not in the table)");
            }
        });
        return different;
    }

    /** Not that of a sandbox' link, which may go while it is tried. */
    private static InetAddress hostAddress() throws Exception {
        return NetworkInterface.networkInterfaces()
                .filter(link -> !link.getName().startsWith("mf"))
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address.getAddress().length == 4 && !address.isLoopbackAddress())
                .findFirst()
                .orElseThrow();
    }
}
