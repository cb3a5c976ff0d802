package dev.mayfly.bench.peers;

import dev.mayfly.bench.load.Load;
import dev.mayfly.bench.machine.Programs;
import dev.mayfly.bench.report.Samples;
import dev.mayfly.sandbox.HostCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The kernel's own time for an isolated container around a program, by {@code floor.c}: namespaces, a read-only root, a
 * network namespace and a cgroup with limits that were made ahead. No launcher can be faster, as none can leave these out.
 */
public final class Floor {
    private static final int COUNT_MAX = 200_000;
    private static final int SECONDS_MAX = 25; // A command of ours has 30.

    private final Path program;
    private final Path root;

    public Floor(Path folder, Path root) throws IOException, InterruptedException {
        this.program = Programs.compile("floor", folder);
        this.root = root;
    }

    public Load.Result closed(int workers, Duration time) throws IOException, InterruptedException {
        return run("pooled", workers, Math.min(time.toMillis(), SECONDS_MAX * 1_000L), COUNT_MAX, 0);
    }

    /** The same without network and cgroup. */
    public Load.Result bare(Duration time) throws IOException, InterruptedException {
        return run("bare", 1, Math.min(time.toMillis(), SECONDS_MAX * 1_000L), COUNT_MAX, 0);
    }

    public Load.Result paused(int count, Duration pause) throws IOException, InterruptedException {
        return run("pooled", 1, SECONDS_MAX * 1_000L, count, pause.toNanos() / 1_000);
    }

    private Load.Result run(String kind, int workers, long millis, int count, long pauseMicros)
            throws IOException, InterruptedException {
        HostCommands.Result result = HostCommands.attempt(
                "",
                List.of(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        program.toString(),
                        root.toString(),
                        "/bin/noop",
                        kind,
                        String.valueOf(workers),
                        String.valueOf(millis),
                        String.valueOf(count),
                        String.valueOf(pauseMicros)));
        if (result.exit() != 0) {
            throw new IOException(
                    "the floor cannot be measured here: " + result.output().strip());
        }
        Samples each = new Samples();
        double seconds = 0;
        for (String line : result.output().lines().toList()) {
            String[] parts = line.split(" ", 2);
            switch (parts[0]) {
                case "seconds" -> seconds = Double.parseDouble(parts[1]);
                case "nanos" -> each.add(Long.parseLong(parts[1]));
                default -> throw new IOException("floor printed '" + line + "' (expected: seconds or nanos)");
            }
        }
        return new Load.Result(each.size() / seconds, each);
    }
}
