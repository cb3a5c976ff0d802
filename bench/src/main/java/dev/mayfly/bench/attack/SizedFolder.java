package dev.mayfly.bench.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder on a file system of its own that may be filled, seen by this process and its children alone. */
final class SizedFolder implements AutoCloseable {
    private static final Path NAMESPACE = Path.of("ns/mnt");

    final Path path;

    private SizedFolder(Path path) {
        this.path = path;
    }

    /** @throws IOException also if this process shares its mount namespace with its parent: then nothing is mounted */
    static SizedFolder of(String size) throws IOException, InterruptedException {
        long parent = ProcessHandle.current()
                .parent()
                .orElseThrow(() -> new IOException("this process has no parent to compare mounts with"))
                .pid();
        Path own = Files.readSymbolicLink(Path.of("/proc/self").resolve(NAMESPACE));
        if (own.equals(
                Files.readSymbolicLink(Path.of("/proc", String.valueOf(parent)).resolve(NAMESPACE)))) {
            throw new IOException("shares its mounts with the machine (expected: run by ./mayfly attack as root)");
        }
        Path path = Files.createTempDirectory("mayfly-attack");
        run("mount", "-t", "tmpfs", "-o", "mode=0711,size=" + size, "mayfly-attack", path.toString());
        return new SizedFolder(path);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        int exit = new ProcessBuilder(List.of(command)).inheritIO().start().waitFor();
        if (exit != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + exit);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            run("umount", path.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before " + path + " was unmounted", e);
        }
        Files.delete(path);
    }
}
