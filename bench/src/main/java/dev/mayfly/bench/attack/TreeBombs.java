package dev.mayfly.bench.attack;

import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Small packs whose trees are endless to walk or to write out. */
final class TreeBombs implements Attack {
    private static final int SECONDS_MAX = 60;
    private static final int TIMED_OUT = 124;

    @Override
    public String name() {
        return "tree-bombs";
    }

    @Override
    public String about() {
        return "small git packs with billions of files, gigabytes of copies or thousands of folders in each other";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        TestServer server = scene.server();
        List<String> notRefused = new ArrayList<>();
        Path tree = scene.tree("bombs", Map.of("bombs.sh", Scene.resource("bombs.sh")));
        for (String bomb : List.of("nested", "wide", "deep")) {
            TestServer.Ended made = server.tryRun(tree, "bash", "bombs.sh", bomb);
            if (made.exit() != 0) {
                throw new IOException("bombs.sh " + bomb + ": " + made.output());
            }
            long begin = System.nanoTime();
            TestServer.Ended push = server.tryRun(
                    tree,
                    "timeout",
                    String.valueOf(SECONDS_MAX),
                    "git",
                    "push",
                    "mayfly",
                    made.output().strip() + ":refs/heads/main");
            scene.add(Row.alone(scene.name(bomb + "/refused-after"), (System.nanoTime() - begin) / 1e9, "s"));
            if (push.exit() == 0 || push.exit() == TIMED_OUT || !push.output().contains("remote rejected")) {
                notRefused.add(bomb + " ended with " + push.exit() + ": " + push.output());
            }
        }
        scene.none("not-refused", notRefused);
        scene.none("packs-kept", packs(scene));
    }

    /** A refused push leaves nothing in the repository. */
    private static List<String> packs(Scene scene) throws IOException {
        List<String> packs = new ArrayList<>();
        Files.walkFileTree(scene.disk().toPath(), new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.toString();
                if (name.contains("/git/") && name.contains("/bombs") && name.endsWith(".pack")) {
                    packs.add(name);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                return passOver(failure);
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) throws IOException {
                return failure == null ? FileVisitResult.CONTINUE : passOver(failure);
            }
        });
        return packs;
    }

    /** The server lives on: what it has removed meanwhile is not there. */
    private static FileVisitResult passOver(IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
            return FileVisitResult.CONTINUE;
        }
        throw failure;
    }
}
