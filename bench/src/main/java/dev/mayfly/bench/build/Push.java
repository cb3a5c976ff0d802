package dev.mayfly.bench.build;

import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.SmallApp;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A push of a small change until the client is told that it serves, beside a push to a bare repository on disk. */
public final class Push implements Benchmark {
    @Override
    public String name() {
        return "push";
    }

    @Override
    public String about() {
        return "second and later pushes of a small app until live, beside git push to a bare repository";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 2, 5);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Samples pushes = new Samples();
        Samples floor = new Samples();
        try (TestServer server = new TestServer()) {
            server.up();
            Path tree = server.app("push", SmallApp.files("5m"));
            Path bare = tree.resolveSibling("bare.git");
            git(tree, "clone", "-q", "--bare", ".", bare.toString());
            for (int i = 0; i < length.rounds(); i++) {
                Files.writeString(tree.resolve("change.txt"), String.valueOf(i));
                pushes.add(server.push(tree));
                long begin = System.nanoTime();
                git(tree, "push", "-q", bare.toString(), "main");
                floor.add(System.nanoTime() - begin);
            }
        }
        report.add(Row.beside("push/median", pushes.median(), "ms", "bare repository", floor.median()));
        report.add(Row.alone("push/least", pushes.least(), "ms"));
        report.add(Row.alone("push/most", pushes.most(), "ms"));
    }

    private static void git(Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        int code = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException(command + " ended with " + code);
        }
    }
}
