package dev.mayfly.sandbox.contract;

import dev.mayfly.sandbox.HostCommands;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Programs out of Debian's packages for what this machine lacks or has too old. They are unpacked into a folder of their own,
 * kept between runs, and not installed: nothing of the machine changes. Fetched and checked by apt, with lists of its own.
 */
public record Packages(Path folder, String suite) {
    private static final int ATTEMPTS_MAX = 3;

    public static Packages of(String suite) throws Exception {
        Path cache = Path.of(System.getProperty("user.home"), ".cache", "mayfly", "test-packages", suite);
        Files.createDirectories(cache);
        return new Packages(cache, suite);
    }

    /** The unpacked package. */
    public Path folder(String name) throws Exception {
        Path unpacked = folder.resolve(name);
        // Other tests may run at the same time.
        try (RandomAccessFile lock = new RandomAccessFile(folder.resolve("lock").toFile(), "rw");
                var held = lock.getChannel().lock()) {
            if (Files.notExists(unpacked) && held.isValid()) {
                unpack(name, unpacked);
            }
        }
        return unpacked;
    }

    private void unpack(String name, Path unpacked) throws Exception {
        for (String each : List.of("apt/state/lists/partial", "apt/cache/archives/partial", "apt/etc")) {
            Files.createDirectories(folder.resolve(each));
        }
        Path sources = folder.resolve("apt/etc/sources.list");
        Files.writeString(
                sources,
                "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main%n"
                        .formatted(mirror(), suite));
        Path fresh = Files.createTempDirectory(folder, "new-");
        run(fresh, command("update"));
        run(fresh, command("download", name));
        Path half = fresh.resolve("unpacked");
        try (var files = Files.list(fresh)) {
            Path deb = files.findFirst().orElseThrow();
            HostCommands.run("dpkg-deb", "-x", deb.toString(), half.toString());
            Files.move(half, unpacked);
            Files.delete(deb);
        }
        Files.delete(fresh);
    }

    /** Where this machine takes its own packages from. */
    private static String mirror() throws Exception {
        return HostCommands.run("apt-get", "indextargets", "--format", "$(REPO_URI)")
                .lines()
                .filter(line -> line.startsWith("http") && !line.contains("security"))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException("apt knows no mirror (expected: one; run apt-get update)"));
    }

    private List<String> command(String... arguments) {
        Path apt = folder.resolve("apt");
        List<String> command = new ArrayList<>(List.of(
                "apt-get",
                "-q",
                "-o",
                "Dir::State=" + apt.resolve("state"),
                "-o",
                "Dir::State::status=/dev/null",
                "-o",
                "Dir::Cache=" + apt.resolve("cache"),
                "-o",
                "Dir::Etc::sourcelist=" + apt.resolve("etc/sources.list"),
                "-o",
                "Dir::Etc::sourceparts=/dev/null",
                "-o",
                "APT::Sandbox::User=root"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Again a few times: what fetches from elsewhere fails now and then. */
    private static void run(Path folder, List<String> command) throws Exception {
        String output = "";
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
            output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() == 0) {
                return;
            }
        }
        throw new IllegalStateException(command + " failed: " + output);
    }
}
