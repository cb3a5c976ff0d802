package dev.mayfly.sandbox.launcher;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Root file systems in the launcher: an image's layers with a layer of ours on top, which holds the places where is mounted
 * and the generated files, the name servers among them: a file of the machine mounted there would be one for all sandboxes, and
 * show its path. One for each image, user and name servers; the launcher mounts it as often as it has sandboxes at a time. Unused
 * ones stay mounted, up to a limit, as the next request is likely to want them.
 */
final class NativeRoots {
    private static final int UNUSED_MAX = 64;
    private static final List<String> FOLDERS = List.of(
            "proc",
            "dev",
            "sys",
            "tmp",
            "run/mayfly",
            "etc",
            "workspace",
            "layers",
            "platform",
            "cnb/buildpacks",
            "cnb/toolchains");

    /** What a root is made of. */
    record Key(List<Path> layers, int uid, List<String> nameServers) {
        Key {
            layers = List.copyOf(layers);
            nameServers = List.copyOf(nameServers);
        }
    }

    private static final class Root {
        final int number;
        int users;

        Root(int number) {
            this.number = number;
        }
    }

    private final Path folder;
    private final LauncherConnection connection;
    /** In the order of use, the longest unused first. */
    private final Map<Key, Root> roots = new LinkedHashMap<>(16, 0.75f, true);

    NativeRoots(Path folder, LauncherConnection connection) {
        this.folder = folder;
        this.connection = connection;
    }

    /** The number of a root. Every call is followed by one of {@link #release}. */
    synchronized int acquire(Key key) throws InterruptedException {
        Root root = roots.get(key);
        if (root == null) {
            Frame frame = new Frame(Frame.ROOT)
                    .u32(key.layers().size() + 1)
                    .text(top(key.uid(), key.nameServers()).toString());
            for (Path layer : key.layers()) {
                frame.text(real(layer));
            }
            root = new Root(connection.call(frame).getInt());
            roots.put(key, root);
        }
        root.users++;
        return root.number;
    }

    synchronized void release(Key key) throws InterruptedException {
        Root root = roots.get(key);
        if (root != null && root.users > 0) {
            root.users--;
        }
        List<Key> unused = new ArrayList<>();
        roots.forEach((each, made) -> {
            if (made.users == 0) {
                unused.add(each);
            }
        });
        for (Key each : unused.subList(0, Math.max(0, unused.size() - UNUSED_MAX))) {
            Root gone = roots.remove(each);
            if (gone != null) {
                connection.call(new Frame(Frame.UNROOT).u32(gone.number));
            }
        }
    }

    private static String real(Path layer) {
        try {
            return layer.toRealPath().toString();
        } catch (IOException e) {
            throw new UncheckedIOException("layer " + layer, e);
        }
    }

    /** The top layer of a user, made when it is wanted first. */
    private Path top(int uid, List<String> nameServers) {
        String name = uid
                + nameServers.stream()
                        .map(server -> "_" + server.replace(':', '-'))
                        .collect(joining());
        Path top = folder.toAbsolutePath().resolve(name);
        try {
            if (Files.notExists(top.resolve("etc/resolv.conf"))) {
                for (String each : FOLDERS) {
                    Files.createDirectories(top.resolve(each));
                }
                Files.setAttribute(top.resolve("tmp"), "unix:mode", 01777);
                for (var file : files(uid, nameServers).entrySet()) {
                    Path whole = top.resolve(file.getKey());
                    Path part = whole.resolveSibling("part");
                    Files.writeString(part, file.getValue());
                    Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE); // The last of them says that all is there.
                }
            }
            return top.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What every sandbox of the user sees instead of the machine's. */
    private static Map<String, String> files(int uid, List<String> nameServers) {
        Map<String, String> files = new TreeMap<>();
        files.put("etc/hosts", "127.0.0.1 localhost mayfly\n::1 localhost\n");
        files.put("etc/hostname", "mayfly\n");
        files.put(
                "etc/passwd", "root:x:0:0:root:/:/usr/sbin/nologin\napp:x:" + uid + ":" + uid + ":app:/tmp:/bin/sh\n");
        files.put("etc/group", "root:x:0:\napp:x:" + uid + ":\n");
        files.put(
                "etc/resolv.conf",
                nameServers.stream()
                        .map(server -> "nameserver " + server + "\n")
                        .collect(joining()));
        return files;
    }
}
