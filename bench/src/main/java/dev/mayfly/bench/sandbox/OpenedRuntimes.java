package dev.mayfly.bench.sandbox;

import dev.mayfly.bench.machine.Traces;
import dev.mayfly.bench.report.Report;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.choice.Runtimes;
import dev.mayfly.server.RuntimeProviders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every runtime class that isolates and works here, each on a folder of its own. Why the others do not is noted. */
public final class OpenedRuntimes implements AutoCloseable {
    static final String NATIVE = "native";
    private static final List<String> WANTED = List.of(NATIVE, "crun", "runc", "runsc", "docker");

    /** One opened class and the folder by which its traces on the machine are known. */
    record Opened(Runtimes runtimes, SandboxRuntime runtime, Path run) {
        String name() {
            return runtime.name();
        }
    }

    private final Map<String, Opened> opened = new LinkedHashMap<>();

    static OpenedRuntimes open(Path folder, Report report) throws IOException, InterruptedException {
        return open(folder, WANTED, report);
    }

    /** Only those of these names. */
    static OpenedRuntimes open(Path folder, List<String> wanted, Report report)
            throws IOException, InterruptedException {
        OpenedRuntimes classes = new OpenedRuntimes();
        try {
            List<RuntimeFinding> findings =
                    RuntimeProviders.from(ConfigReader.of(Map.of())).probe();
            for (String name : wanted.stream().filter(report::wants).toList()) {
                String missing = findings.stream()
                        .filter(finding -> finding.name().equals(name))
                        .findFirst()
                        .map(finding -> finding.missing().orElse(""))
                        .orElse("this build has no such runtime class");
                if (missing.isEmpty()) {
                    missing = classes.tryOpen(name, folder.resolve(name));
                }
                if (!missing.isEmpty()) {
                    report.note(name + " is not measured: " + missing);
                }
            }
        } catch (MayflyException | InterruptedException | IOException e) {
            classes.close();
            throw e;
        }
        if (classes.opened.isEmpty()) {
            throw new IOException("no runtime class that isolates works here (expected: one of " + wanted
                    + "; ./mayfly doctor says what is missing)");
        }
        return classes;
    }

    /** Returns why it does not open, or nothing. */
    private String tryOpen(String name, Path run) throws IOException, InterruptedException {
        try {
            Runtimes runtimes = RuntimeProviders.from(
                            ConfigReader.of(Map.of("sandbox.runtime", name, "sandbox.offered", name)))
                    .open(Files.createDirectories(run), SandboxListener.NONE, new Health());
            opened.put(name, new Opened(runtimes, runtimes.of(Optional.empty()), run));
            return "";
        } catch (MayflyException e) {
            return String.valueOf(e.getMessage());
        }
    }

    List<Opened> all() {
        return List.copyOf(opened.values());
    }

    boolean has(String name) {
        return opened.containsKey(name);
    }

    /** Closes one and says what the machine still shows of it after a while. */
    List<String> leftoversAfterClosing(Opened each) throws InterruptedException {
        each.runtimes().close();
        opened.remove(each.name());
        return new Traces(each.run()).afterAtMost(Duration.ofSeconds(10));
    }

    @Override
    public void close() {
        opened.values().forEach(each -> each.runtimes().close());
    }
}
