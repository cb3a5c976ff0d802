package dev.mayfly.bench.startup;

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

/** A request to an app that has no instance, beside the start of the same program without a container. */
public final class Cold implements Benchmark {
    @Override
    public String name() {
        return "cold";
    }

    @Override
    public String about() {
        return "a request to an app with zero instances, beside the same server started as a plain process";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 2, 5);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Samples cold = new Samples();
        Samples plain = new Samples();
        try (TestServer server = new TestServer()) {
            server.up();
            Path tree = server.app("cold", SmallApp.files("1s"));
            for (int i = 0; i < length.rounds(); i++) {
                server.awaitNone("cold");
                long begin = System.nanoTime();
                var response = server.get("cold", "/");
                cold.add(System.nanoTime() - begin);
                if (!response.headers().firstValue("mayfly-start").orElse("").equals("cold")) {
                    throw new IOException("the request met an instance");
                }
                plain.add(plainStart(tree));
            }
        }
        report.add(Row.beside("cold/median", cold.median(), "ms", "plain process", plain.median()));
        report.add(Row.alone("cold/least", cold.least(), "ms"));
        report.add(Row.alone("cold/most", cold.most(), "ms"));
    }

    /** Node of the same toolchain serves the same file; from start until it prints that it listens. */
    private static long plainStart(Path tree) throws IOException, InterruptedException {
        Path script = tree.resolve("plain.js");
        Files.writeString(
                script,
                "require('http').createServer((q, s) => s.end('ok')).listen(0, () => console.log('listens'))\n");
        long begin = System.nanoTime();
        Process process = new ProcessBuilder("node", script.toString()).start();
        try (var lines = process.inputReader()) {
            lines.readLine();
            return System.nanoTime() - begin;
        } finally {
            process.destroy();
            process.waitFor();
            Files.delete(script);
        }
    }
}
