package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Root file systems: the layers of an image as one read-only overlay, mounted once and shared by all sandboxes of the image.
 * On top lies a layer of ours with the places where the runtime mounts, so that no image can put a symbolic link there.
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

    private static final class Root {
        final Path path;
        int users;

        Root(Path path) {
            this.path = path;
        }
    }

    private final Path folder;
    private final Path top;
    private final Map<List<Path>, Root> mounted = new HashMap<>();
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

    /** The root of these layers, top first. Every call is followed by one of {@link #release}. */
    public synchronized Path acquire(List<Path> layers) throws InterruptedException {
        Root root = mounted.get(layers);
        if (root == null) {
            root = mount(layers);
            mounted.put(layers, root);
        }
        root.users++;
        return root.path;
    }

    public synchronized void release(List<Path> layers) throws InterruptedException {
        Root root = mounted.get(layers);
        if (root != null && --root.users == 0) {
            mounted.remove(layers);
            unmount(root);
        }
    }

    private Root mount(List<Path> layers) throws InterruptedException {
        MountNamespace.require();
        List<String> lower = new ArrayList<>();
        lower.add(top.toString());
        layers.forEach(layer -> lower.add(layer.toAbsolutePath().toString()));
        for (String path : lower) {
            if (path.contains(":") || path.contains(",") || path.contains("\\")) {
                throw new MayflyException(
                        ErrorCode.UNSUPPORTED,
                        "layer path: '" + path + "' (expected: without ':', ',' and '\\'; move the data folder)");
            }
        }
        Root root = new Root(free());
        try {
            Files.createDirectory(root.path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Commands.run(
                "mount",
                "-t",
                "overlay",
                "mayfly",
                "-o",
                "ro,nosuid,nodev,lowerdir=" + String.join(":", lower),
                root.path.toString());
        return root;
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
        return mounted.size();
    }

    /** Takes away roots that nobody uses: a predecessor's, or one that could not be unmounted. */
    public synchronized Sweep sweep() throws InterruptedException {
        List<Path> nobodys = new ArrayList<>();
        try (var all = Files.list(folder)) {
            all.filter(path -> path.getFileName().toString().startsWith("root-"))
                    .filter(path -> mounted.values().stream().noneMatch(root -> root.path.equals(path)))
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
                unmount(new Root(path));
                stuck.remove(path);
            } catch (UncheckedIOException e) {
                stuck.add(path);
                left.add("mount " + path);
            }
            found += known ? 0 : 1;
        }
        return new Sweep(found, left);
    }

    private static void unmount(Root root) throws InterruptedException {
        Commands.attempt("", List.of("umount", "--lazy", root.path.toString()));
        try {
            Files.deleteIfExists(root.path); // Refused as long as it is mounted.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        try {
            for (Root root : mounted.values()) {
                unmount(root);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        mounted.clear();
    }
}
