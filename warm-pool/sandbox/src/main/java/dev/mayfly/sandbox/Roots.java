package dev.mayfly.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Root file systems: the layers of an image as a read-only overlay, mounted for each sandbox, as whoever has the same mount could
 * watch what others open and hold locks on it. On top lies a layer of ours with the places where the runtime mounts, so that no image can put a symbolic link there.
 */
public final class Roots implements AutoCloseable {
    private static final List<String> MOUNT_POINTS = List.of(
            "proc",
            "dev",
            "sys",
            "tmp",
            "run/mayfly",
            "workspace",
            "layers",
            "platform",
            "cnb/buildpacks",
            "cnb/toolchains");
    private static final List<String> FILES =
            List.of("etc/resolv.conf", "etc/hosts", "etc/hostname", "etc/passwd", "etc/group");

    private static final String NAMES = "layers-of-";

    private final Path folder;
    private final Path top;
    private final Set<Path> taken = new HashSet<>();
    private final Set<Path> stuck = new HashSet<>();
    private int next;

    public Roots(Path folder) {
        this.folder = folder;
        this.top = folder.resolve("top");
        try {
            for (String directory : MOUNT_POINTS) {
                Files.createDirectories(top.resolve(directory));
            }
            // runc gives a tmpfs the mode of the directory that it covers.
            Files.setAttribute(top.resolve("tmp"), "unix:mode", 01777);
            Files.createDirectories(top.resolve("etc"));
            for (String file : FILES) {
                if (Files.notExists(top.resolve(file))) {
                    Files.createFile(top.resolve(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A root of these layers, top first, that nobody else has. Followed by one of {@link #release}. */
    public Path acquire(List<Path> layers) throws InterruptedException {
        MountNamespace.require();
        List<Path> lower = new ArrayList<>(List.of(top));
        layers.forEach(layer -> lower.add(layer.toAbsolutePath()));
        Path path = take();
        try {
            Files.createDirectory(path);
            mount(lower, path);
        } catch (IOException e) {
            release(path);
            throw new UncheckedIOException(e);
        } catch (RuntimeException | InterruptedException | Error e) {
            release(path);
            throw e;
        }
        return path;
    }

    /** Takes it away; whoever still runs in it keeps it. */
    public void release(Path root) throws InterruptedException {
        try {
            unmount(root);
        } finally {
            giveBack(root); // What could not be unmounted is the sweep's.
        }
    }

    private synchronized Path take() {
        Path path = free();
        taken.add(path);
        return path;
    }

    private synchronized void giveBack(Path path) {
        taken.remove(path);
    }

    /** By short names: whoever is in a sandbox reads the names of layers in its list of mounts. */
    private static void mount(List<Path> lower, Path path) throws IOException, InterruptedException {
        Path names = names(path);
        deleteNames(names); // Of a predecessor that was killed while it mounted.
        Files.createDirectory(names);
        try {
            List<String> numbers = new ArrayList<>();
            for (Path layer : lower) {
                String number = String.valueOf(numbers.size());
                Files.createSymbolicLink(names.resolve(number), layer);
                numbers.add(number);
            }
            HostCommands.runIn(
                    names,
                    "mount",
                    "-t",
                    "overlay",
                    "mayfly",
                    "-o",
                    "ro,nosuid,nodev,lowerdir=" + String.join(":", numbers),
                    path.toAbsolutePath().toString());
        } finally {
            deleteNames(names);
        }
    }

    private static Path names(Path root) {
        return root.resolveSibling(NAMES + root.getFileName());
    }

    private static void deleteNames(Path names) throws IOException {
        if (Files.notExists(names)) {
            return;
        }
        try (var links = Files.list(names)) {
            for (Path link : links.toList()) {
                Files.delete(link);
            }
        }
        Files.delete(names);
    }

    /** A predecessor's that is not swept yet is not used again. */
    private Path free() {
        Path path;
        do {
            path = folder.resolve("root-" + next++);
        } while (Files.exists(path));
        return path;
    }

    /** How many are mounted. */
    public synchronized int count() {
        return taken.size();
    }

    /** Takes away roots that nobody uses: a predecessor's, or one that could not be unmounted. */
    public synchronized Sweep sweep() throws InterruptedException {
        List<Path> nobodys = new ArrayList<>();
        sweepNames();
        try (var all = Files.list(folder)) {
            all.filter(path -> path.getFileName().toString().startsWith("root-"))
                    .filter(path -> !taken.contains(path))
                    .forEach(nobodys::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int found = 0;
        List<String> left = new ArrayList<>();
        for (Path path : nobodys) {
            MountNamespace.require();
            boolean known = stuck.contains(path);
            try {
                unmount(path);
                stuck.remove(path);
            } catch (UncheckedIOException e) {
                stuck.add(path);
                left.add("mount " + path);
            }
            found += known ? 0 : 1;
        }
        return new Sweep(found, left);
    }

    /** Of predecessors that were killed while they mounted. */
    private void sweepNames() {
        try (var all = Files.list(folder)) {
            for (Path names : all.filter(path -> path.getFileName().toString().startsWith(NAMES))
                    .toList()) {
                String root = names.getFileName().toString().substring(NAMES.length());
                if (!taken.contains(folder.resolve(root))) {
                    deleteNames(names);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void unmount(Path root) throws InterruptedException {
        HostCommands.attempt("", List.of("umount", "--lazy", root.toString()));
        try {
            Files.deleteIfExists(root); // Refused as long as it is mounted.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            for (Path root : taken) {
                unmount(root);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        taken.clear();
    }
}
