package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        Root root = new Root(folder.resolve("root-" + next++));
        try {
            Files.createDirectories(root.path);
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

    private static void unmount(Root root) throws InterruptedException {
        Commands.run("umount", "--lazy", root.path.toString());
        try {
            Files.delete(root.path);
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
