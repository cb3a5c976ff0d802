package dev.mayfly.bench.attack;

import dev.mayfly.bench.TestServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Builds that leave what takes much memory to read, several at once. */
final class HugeToml implements Attack {
    private static final int AT_ONCE = 6;

    @Override
    public String name() {
        return "huge-toml";
    }

    @Override
    public String about() {
        return AT_ONCE + " builds at once leave large and deep TOML files, to fill the server's memory";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        List<Callable<TestServer.Ended>> pushes = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            Path tree = scene.tree(
                    "toml" + i,
                    Map.of(
                            "package.json",
                            "{\"name\":\"toml\",\"scripts\":{\"build\":\"node fill.js\",\"start\":\"node fill.js\"}}\n",
                            "fill.js",
                            Scene.resource("fill.js")));
            pushes.add(() -> scene.server().tryPush(tree));
        }
        List<String> blamedWrongly = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<TestServer.Ended> each : threads.invokeAll(pushes)) {
                TestServer.Ended ended = each.get();
                if (ended.exit() == 0 || ended.output().contains("Mayfly itself failed")) {
                    blamedWrongly.add(ended.output());
                }
            }
        } catch (ExecutionException e) {
            throw new IOException("a push could not be tried", e);
        }
        scene.none("pushes-not-refused", blamedWrongly);
        List<String> errors = scene.server()
                .log()
                .lines()
                .filter(line -> line.contains("OutOfMemoryError") || line.contains("StackOverflowError"))
                .toList();
        scene.none("errors-of-memory", errors);
    }
}
