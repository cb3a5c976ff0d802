package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.machine.Folder;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.report.Benchmark;
import dev.mayfly.bench.report.Length;
import dev.mayfly.bench.report.Report;
import dev.mayfly.bench.report.Row;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The same work inside every runtime class and on the bare host: processor, memory, a volume, the way to the gateway. */
public final class Overhead implements Benchmark {
    private static final String HOST = "bare host";
    private static final int PORT_INSIDE = 8_080;
    private static final Map<String, String> UNITS = new LinkedHashMap<>();
    private static final Map<String, Double> LEAST =
            Map.of("cpu", 0.98, "memory", 0.98, "file-write", 0.95, "file-read", 0.95, "file-small", 0.95);

    static {
        UNITS.put("cpu", "M/s");
        UNITS.put("memory", "MiB/s");
        UNITS.put("file-write", "MiB/s");
        UNITS.put("file-read", "MiB/s");
        UNITS.put("file-small", "/s");
        UNITS.put("net-round-trips", "/s");
        UNITS.put("net-throughput", "MiB/s");
    }

    /** How much work, so that one measurement takes from a tenth of a second to about a second. */
    private record Amount(String cpu, String memory, String fileMib, String trips, String netMib) {
        static Amount of(Length length) {
            return length == Length.SHORT
                    ? new Amount("50", "3", "16", "500", "64")
                    : new Amount("500", "40", "256", "20000", "2000");
        }
    }

    @Override
    public String name() {
        return "overhead";
    }

    @Override
    public String about() {
        return "processor, memory, files on a volume and network inside every runtime class, beside the bare host";
    }

    @Override
    public int minutes(Length length) {
        return length.of(3, 10, 30);
    }

    @Override
    public void run(Length length, Report report) throws IOException, InterruptedException {
        try (Folder folder = new Folder();
                OpenedRuntimes classes = OpenedRuntimes.open(folder.path, report)) {
            Path layer = Programs.layer(folder.path, "work");
            // More than the work needs: what limits cost when they bind is another question.
            int cores = Runtime.getRuntime().availableProcessors();
            Workload workload = new Workload(layer, new SandboxSpec.SandboxLimits(2_048, cores, 64, 16));
            Path volume = Files.createDirectory(folder.path.resolve("volume"));
            Files.setAttribute(volume, "unix:uid", Workload.UID);
            Path program = layer.resolve("bin/work");
            Amount amount = Amount.of(length);
            Map<String, Map<String, Samples>> sides = new LinkedHashMap<>();
            for (int i = 0; i < length.rounds(); i++) {
                // The host before each class: both see the machine in the same moment.
                for (OpenedRuntimes.Opened each : classes.all()) {
                    keep(sides, HOST + " of " + each.name(), host(program, volume, amount));
                    keep(sides, each.name(), inside(each, workload, program, volume, amount));
                }
            }
            for (OpenedRuntimes.Opened each : classes.all()) {
                rows(each.name(), sides, report);
            }
        }
    }

    private static void keep(Map<String, Map<String, Samples>> sides, String side, Map<String, Double> figures) {
        figures.forEach((what, figure) -> sides.computeIfAbsent(side, _ -> new LinkedHashMap<>())
                .computeIfAbsent(what, _ -> new Samples())
                .figure(figure));
    }

    private static Map<String, Double> host(Path program, Path volume, Amount amount)
            throws IOException, InterruptedException {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (List<String> each : work(amount, volume.toString())) {
            List<String> command = new ArrayList<>(List.of(program.toString()));
            command.addAll(each);
            figures.putAll(Work.onHost(command));
        }
        int port = freePort();
        Process server = new ProcessBuilder(program.toString(), "serve", String.valueOf(port)).start();
        try (var lines = server.inputReader()) {
            if (!"ready".equals(lines.readLine())) {
                throw new IOException("the server on the host did not get ready");
            }
            figures.putAll(client(program, "127.0.0.1", port, amount));
        } finally {
            server.destroyForcibly().waitFor();
        }
        return figures;
    }

    private static Map<String, Double> inside(
            OpenedRuntimes.Opened opened, Workload workload, Path program, Path volume, Amount amount)
            throws IOException, InterruptedException {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (List<String> each : work(amount, "/workspace")) {
            List<String> command = new ArrayList<>(List.of("/bin/work"));
            command.addAll(each);
            figures.putAll(Work.inside(
                    opened.runtime(), workload, command, List.of(new SandboxSpec.Mount(volume, "/workspace", false))));
        }
        Optional<Map<String, Double>> network = Work.acrossNetwork(
                opened.runtime(), workload, PORT_INSIDE, address -> client(program, address, PORT_INSIDE, amount));
        network.ifPresent(figures::putAll);
        return figures;
    }

    private static List<List<String>> work(Amount amount, String volume) {
        return List.of(
                List.of("cpu", amount.cpu()),
                List.of("memory", amount.memory()),
                List.of("file", volume, amount.fileMib()));
    }

    private static Map<String, Double> client(Path program, String address, int port, Amount amount)
            throws IOException, InterruptedException {
        return Work.onHost(
                List.of(program.toString(), "net", address, String.valueOf(port), amount.trips(), amount.netMib()));
    }

    private static void rows(String name, Map<String, Map<String, Samples>> sides, Report report) {
        Map<String, Samples> inside = sides.getOrDefault(name, Map.of());
        Map<String, Samples> host = sides.getOrDefault(HOST + " of " + name, Map.of());
        UNITS.forEach((what, unit) -> {
            Samples measured = inside.get(what);
            Samples beside = host.get(what);
            if (measured == null || beside == null) {
                report.note(name + "/" + what + " is not measured: the sandbox has no address of its own");
                return;
            }
            Row row = Row.beside(name + "/" + what, measured.median(), unit, HOST, beside.median());
            double least = LEAST.getOrDefault(what, 0.0);
            report.add(
                    name.equals(OpenedRuntimes.NATIVE) && least > 0
                            ? row.bar("at least " + least + " times the host", row.ratio() >= least)
                            : row,
                    measured);
        });
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
