package dev.mayfly.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A file system of a few MiB that a test may fill, in memory and in this process' own mount namespace: the machine's disk is
 * never filled. Needs root and a JVM started by {@code tools/private-mounts}.
 */
public final class SmallDisk implements AutoCloseable {
    private static final String BALLAST = "ballast";

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /**
     * Mounts one.
     *
     * @param place empty directory
     * @param options of tmpfs, for example {@code size=8m,nr_inodes=1k}
     */
    public static SmallDisk mount(Path place, String options) throws IOException, InterruptedException {
        requireOwnMounts();
        Files.createDirectories(place);
        run(List.of("mount", "-t", "tmpfs", "-o", options + ",mode=0755", "mayfly-test", place.toString()));
        return new SmallDisk(place);
    }

    public Path folder() {
        return folder;
    }

    /** Takes all the space that is free. */
    public void fill() throws IOException {
        byte[] page = new byte[4096];
        try (OutputStream out = Files.newOutputStream(
                folder.resolve(BALLAST),
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.APPEND)) {
            while (true) {
                out.write(page);
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    /** Gives back what {@link #fill} took. */
    public void free() throws IOException {
        Files.deleteIfExists(folder.resolve(BALLAST));
    }

    @Override
    public void close() {
        try {
            requireOwnMounts();
            run(List.of("umount", "--lazy", folder.toString()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One missed check could change the mounts of the whole machine. */
    private static void requireOwnMounts() throws IOException {
        Path mine = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt"));
        long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(1L);
        if (Files.readSymbolicLink(Path.of("/proc/" + parent + "/ns/mnt")).equals(mine)) {
            throw new IllegalStateException("refusing to mount: this JVM shares its mount namespace with its parent"
                    + " (expected: one of its own, by tools/private-mounts)");
        }
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command + " failed");
        }
    }
}
