package dev.mayfly.sandbox.contract;

import dev.mayfly.sandbox.HostCommands;
import java.nio.file.Files;
import java.nio.file.Path;

/** The image of the suite: busybox, the probe, and a few traps. */
public final class Image {
    private Image() {}

    public static Path make(Path folder) throws Exception {
        Path layer = folder.resolve("layer");
        Path bin = Files.createDirectories(layer.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        Files.createSymbolicLink(bin.resolve("sh"), Path.of("busybox"));
        Path workspace = Files.createDirectories(layer.resolve("workspace"));
        Path probe = workspace.resolve("probe");
        HostCommands.run(
                "cc",
                "-static",
                "-O1",
                "-Wall",
                "-Werror",
                "-pthread",
                "-o",
                probe.toString(),
                Sources.of("probe.c").toString());
        Files.writeString(workspace.resolve("no-program"), "data\n");
        Files.createDirectories(layer.resolve("data"));
        Files.createDirectories(layer.resolve("etc"));
        Files.createSymbolicLink(layer.resolve("leads-out"), Path.of("../../../../../../../.."));
        Files.createSymbolicLink(layer.resolve("to-data"), Path.of("data"));
        HostCommands.run("chmod", "-R", "a+rX", folder.toString());
        HostCommands.run("chmod", "a+x", probe.toString());
        Files.copy(probe, workspace.resolve("setuid-probe"));
        HostCommands.run("chmod", "6755", workspace.resolve("setuid-probe").toString());
        makeDisk(workspace.resolve("disk"));
        return layer;
    }

    /** A file that is some disk of this machine, whatever its driver is, with something to read. */
    static void makeDisk(Path file) throws Exception {
        String disk = "";
        try (var disks = Files.list(Path.of("/sys/class/block"))) {
            for (Path each : disks.sorted().toList()) {
                // A loop device without a file has no size, and nothing to read.
                if (!Files.readString(each.resolve("size")).strip().equals("0")) {
                    disk = Files.readString(each.resolve("dev")).strip();
                }
            }
        }
        int colon = disk.indexOf(':');
        HostCommands.run(
                "mknod", "-m", "0666", file.toString(), "b", disk.substring(0, colon), disk.substring(colon + 1));
    }
}
