package dev.mayfly.bench.traffic;

import dev.mayfly.bench.peers.Nginx;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.server.SmallApp;
import dev.mayfly.bench.server.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The hop of the gateway beside that of nginx, both in front of the same instance, one connection, by wrk. */
public final class Warm implements Benchmark {
    private static final Pattern P50 = Pattern.compile("50%\\s+([0-9.]+)(us|ms|s)");
    private static final Pattern P99 = Pattern.compile("99%\\s+([0-9.]+)(us|ms|s)");

    private record Quantiles(double p50, double p99) {}

    @Override
    public String name() {
        return "warm";
    }

    @Override
    public String about() {
        return "a warm request through the gateway, beside nginx as proxy in front of the same program";
    }

    @Override
    public int minutes(Length length) {
        return length.of(1, 3, 8);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        List<Double> gateway50 = new ArrayList<>();
        List<Double> gateway99 = new ArrayList<>();
        List<Double> nginx50 = new ArrayList<>();
        List<Double> nginx99 = new ArrayList<>();
        try (TestServer server = new TestServer()) {
            server.up();
            Path tree = server.app("warm", SmallApp.files("5m"));
            try (Nginx nginx = new Nginx(tree)) {
                for (int i = 0; i < length.rounds(); i++) {
                    Quantiles ours = wrk("http://127.0.0.1:" + server.port() + "/", "warm.local.localhost");
                    Quantiles theirs = wrk("http://127.0.0.1:" + nginx.port() + "/", "localhost");
                    gateway50.add(ours.p50());
                    gateway99.add(ours.p99());
                    nginx50.add(theirs.p50());
                    nginx99.add(theirs.p99());
                }
            }
        }
        report.add(Row.beside("gateway/p50", median(gateway50), "us", "nginx/p50", median(nginx50)));
        report.add(Row.beside("gateway/p99", median(gateway99), "us", "nginx/p99", median(nginx99)));
    }

    private static Quantiles wrk(String url, String host) throws IOException, InterruptedException {
        Path output = Files.createTempFile("wrk", ".txt");
        Process process = new ProcessBuilder("wrk", "-t1", "-c1", "-d3s", "--latency", "-H", "Host: " + host, url)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        Files.delete(output);
        if (text.contains("Non-2xx")) {
            throw new IOException("wrk: " + text);
        }
        return new Quantiles(micros(P50, text), micros(P99, text));
    }

    private static double micros(Pattern pattern, String text) throws IOException {
        Matcher found = pattern.matcher(text);
        if (!found.find()) {
            throw new IOException("wrk printed no latency: " + text);
        }
        double number = Double.parseDouble(found.group(1));
        return switch (found.group(2)) {
            case "us" -> number;
            case "ms" -> number * 1e3;
            default -> number * 1e6;
        };
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
