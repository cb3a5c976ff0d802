package dev.mayfly.bench.attack;

import dev.mayfly.bench.server.TestServer;
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
    /** Of files: what makes each of them more than a file may be. */
    private static final List<String> KINDS = List.of("large", "lines", "signs", "brackets", "parts");

    @Override
    public String name() {
        return "huge-toml";
    }

    @Override
    public String about() {
        return KINDS.size() + " builds at once leave large and deep TOML files, to fill the server's memory";
    }

    @Override
    public void play(Scene scene) throws IOException, InterruptedException {
        List<Callable<TestServer.Ended>> pushes = new ArrayList<>();
        for (String kind : KINDS) {
            Path tree = scene.tree(
                    "toml-" + kind,
                    Map.of(
                            "package.json",
                            "{\"name\":\"toml\",\"scripts\":{\"build\":\"node fill.js " + kind
                                    + "\",\"start\":\"node fill.js\"}}\n",
                            "fill.js",
                            Scene.resource("fill.js")));
            pushes.add(() -> scene.server().tryPush(tree));
        }
        List<String> notRefused = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(KINDS.size())) {
            for (Future<TestServer.Ended> each : threads.invokeAll(pushes)) {
                TestServer.Ended ended = each.get();
                if (ended.exit() == 0 || !ended.output().contains("(expected: at most ")) {
                    notRefused.add(ended.output());
                }
            }
        } catch (ExecutionException e) {
            throw new IOException("a push could not be tried", e);
        }
        scene.none("pushes-not-refused-for-it", notRefused);
        List<String> errors = scene.server()
                .log()
                .lines()
                .filter(line -> line.contains("OutOfMemoryError") || line.contains("StackOverflowError"))
                .toList();
        scene.none("errors-of-memory", errors);
    }
}
