package dev.mayfly.bench.startup;

import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;

/** {@code up} until ready, on a folder that has been up before, beside a JVM that does nothing. */
public final class Startup implements Benchmark {
    @Override
    public String name() {
        return "startup";
    }

    @Override
    public String about() {
        return "mayfly up until ready, data folder known, beside the start of an empty JVM";
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Samples up = new Samples();
        Samples jvm = new Samples();
        try (TestServer server = new TestServer()) {
            server.up();
            for (int i = 0; i < length.rounds(); i++) {
                server.down();
                up.add(server.up());
                jvm.add(emptyJvm());
            }
        }
        report.add(Row.beside("up/median", up.median(), "ms", "java -version", jvm.median()));
        report.add(Row.alone("up/least", up.least(), "ms"));
        report.add(Row.alone("up/most", up.most(), "ms"));
    }

    private static long emptyJvm() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        new ProcessBuilder(System.getProperty("java.home") + "/bin/java", "-version")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
        return System.nanoTime() - begin;
    }
}
