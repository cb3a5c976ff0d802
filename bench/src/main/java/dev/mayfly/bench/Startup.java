package dev.mayfly.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code up} until ready, on a folder that has been up before, beside a JVM that does nothing. */
final class Startup implements Benchmark {
    @Override
    public String name() {
        return "startup";
    }

    @Override
    public String about() {
        return "mayfly up until ready, data folder known, beside the start of an empty JVM";
    }

    @Override
    public List<Row> run(int rounds) throws IOException, InterruptedException {
        Samples up = new Samples();
        Samples jvm = new Samples();
        try (TestServer server = new TestServer()) {
            server.up();
            for (int i = 0; i < rounds; i++) {
                server.down();
                up.add(server.up());
                jvm.add(emptyJvm());
            }
        }
        List<Row> rows = new ArrayList<>();
        rows.add(new Row("up/median", up.median(), "ms", "java -version", jvm.median()));
        rows.add(Row.alone("up/least", up.least(), "ms"));
        rows.add(Row.alone("up/most", up.most(), "ms"));
        return rows;
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
