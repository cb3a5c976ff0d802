package dev.mayfly.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.mayfly.bench.build.Push;
import dev.mayfly.bench.faults.Kills;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.DisturbedException;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.sandbox.Bombs;
import dev.mayfly.bench.sandbox.CreateRunReap;
import dev.mayfly.bench.sandbox.Density;
import dev.mayfly.bench.sandbox.Overhead;
import dev.mayfly.bench.sandbox.Recycle;
import dev.mayfly.bench.sandbox.ServeOnce;
import dev.mayfly.bench.startup.Burst;
import dev.mayfly.bench.startup.Claim;
import dev.mayfly.bench.startup.Cold;
import dev.mayfly.bench.startup.Fresh;
import dev.mayfly.bench.startup.Startup;
import dev.mayfly.bench.startup.Thaw;
import dev.mayfly.bench.traffic.LeftByRequests;
import dev.mayfly.bench.traffic.Policies;
import dev.mayfly.bench.traffic.Storms;
import dev.mayfly.bench.traffic.TraceOnPool;
import dev.mayfly.bench.traffic.Warm;
import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code ./mayfly bench}: lists the benchmarks or runs one. Exit code 0 when it ran, whatever it found; 3 if the machine kept it from
 * seeing what it compares; 1 if anything else went wrong.
 */
@CommandLine.Command(name = "bench", mixinStandardHelpOptions = true)
public final class BenchMain implements Callable<Integer> {
    private static final List<Benchmark> ALL = List.of(
            new Startup(),
            new Push(),
            new Cold(),
            new Warm(),
            new CreateRunReap(),
            new ServeOnce(),
            new Density(),
            new Overhead(),
            new Bombs(),
            new Recycle(),
            new Kills(),
            new Policies(),
            new Claim(),
            new Fresh(),
            new Burst(),
            new Storms(),
            new Thaw(),
            new LeftByRequests(),
            new TraceOnPool());

    private static final int DISTURBED = 3;
    private static final int CLEAN_UP_SECONDS_MAX = 60;

    @Parameters(paramLabel = "NAME", arity = "0..1")
    @Nullable
    String name;

    @Option(names = "--full", description = "the variant of a benchmark that does everything (sandbox)")
    boolean full;

    @Option(names = "--short", description = "3 rounds: enough to see that it works")
    boolean brief;

    @Option(names = "--long", description = "30 rounds: enough to publish")
    boolean extended;

    @Option(names = "--seed", paramLabel = "N", description = "repeats the random choices of a run that printed it")
    @Nullable
    Long seed;

    @Option(
            names = "--only",
            paramLabel = "NAME,…",
            split = ",",
            description = "these runtime classes, languages, storms, bombs or victims alone")
    List<String> only = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "also writes the result there")
    @Nullable
    Path json;

    private BenchMain() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    static int execute(String... arguments) {
        return new CommandLine(new BenchMain())
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    System.err.println("mayfly: bench: " + failure.getMessage());
                    failure.printStackTrace();
                    return failure instanceof DisturbedException ? DISTURBED : 1;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (name == null) {
            ALL.forEach(each -> System.out.printf("%-14s %s%n", each.name(), each.about()));
            return 0;
        }
        String wanted = full ? name + " --full" : name;
        Benchmark chosen = ALL.stream()
                .filter(each -> each.name().equals(wanted))
                .findFirst()
                .orElse(null);
        if (chosen == null) {
            System.err.println("mayfly: bench '" + wanted + "' (expected one of: "
                    + String.join(", ", ALL.stream().map(Benchmark::name).toList()) + ")");
            return 2;
        }
        Report report = new Report(seed == null ? System.nanoTime() : seed, only);
        List<Row> rows;
        try {
            measure(chosen, brief ? Length.SHORT : extended ? Length.LONG : Length.NORMAL, report);
        } finally { // What was measured before a failure was measured.
            rows = report.rows();
            rows.forEach(row -> System.out.println(row.toLine()));
        }
        if (json != null) {
            Files.writeString(
                    json,
                    new ObjectMapper()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .writeValueAsString(result(chosen, rows)));
        }
        return 0;
    }

    /** Ctrl-C interrupts it; what it started, mounted and made goes before this process does. */
    private static void measure(Benchmark bench, Length length, Report report)
            throws IOException, InterruptedException {
        Thread own = Thread.currentThread();
        CountDownLatch over = new CountDownLatch(1);
        Thread hook = new Thread(() -> {
            own.interrupt();
            try {
                if (!over.await(CLEAN_UP_SECONDS_MAX, TimeUnit.SECONDS)) {
                    System.err.println("mayfly: the benchmark did not end in " + CLEAN_UP_SECONDS_MAX + " s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            Bound.of(bench.minutes(length)).run(report::note, () -> bench.run(length, report));
        } finally {
            over.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // It runs already, and goes on now.
            }
        }
    }

    private static Map<String, Object> result(Benchmark bench, List<Row> rows) throws IOException {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("bench", bench.name());
        result.put("commit", ConfigReader.processEnvironment().getOrDefault("MAYFLY_COMMIT", "unknown"));
        long memory = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
        result.put(
                "machine",
                Map.of(
                        "cores",
                        Runtime.getRuntime().availableProcessors(),
                        "kernel",
                        System.getProperty("os.version"),
                        "memory_mib",
                        memory / 1024));
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        rows.forEach(row -> all.add(row.toMap()));
        result.put("rows", all);
        return result;
    }
}
