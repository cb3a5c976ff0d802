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
import java.time.Duration;

/** {@code up} until ready, on a folder that has been up before, beside a JVM that does nothing. */
public final class Startup implements Benchmark {
    private static final int RESIDENT_BAR_MIB = 256;

    /** Until what a push needed is given back. */
    private static final Duration SETTLE = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "startup";
    }

    @Override
    public String about() {
        return "mayfly up until ready, data folder known, beside the start of an empty JVM; memory with one idle app";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 2, 5);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        Samples up = new Samples();
        Samples jvm = new Samples();
        double memory;
        try (TestServer server = new TestServer()) {
            server.up();
            for (int i = 0; i < length.rounds(); i++) {
                server.down();
                up.add(server.up());
                jvm.add(emptyJvm());
            }
            server.app("idle", SmallApp.files("1h"));
            Thread.sleep(SETTLE);
            memory = residentMib(server.pid());
        }
        report.add(Row.beside("up/median", up.median(), "ms", "java -version", jvm.median()));
        report.add(Row.alone("resident", memory, "MiB").bar("at most 256 MiB", memory <= RESIDENT_BAR_MIB));
        report.add(Row.alone("up/least", up.least(), "ms"));
        report.add(Row.alone("up/most", up.most(), "ms"));
    }

    /** What the server and its launcher have in memory; the app's own processes are not the platform's. */
    private static double residentMib(long server) throws IOException {
        ProcessHandle process = ProcessHandle.of(server).orElseThrow();
        long kib = residentKib(server);
        for (ProcessHandle child : process.children().toList()) {
            if (child.info().command().orElse("").endsWith("mayfly-launcher")) {
                kib += residentKib(child.pid());
            }
        }
        return kib / 1_024.0;
    }

    private static long residentKib(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
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
