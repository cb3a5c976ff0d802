package dev.mayfly.model;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * What one instance of a release may use.
 *
 * @param memoryMib memory in MiB, 16 to 65,536
 * @param cpus CPU time per wall time, 0.05 to 64
 * @param pids processes and threads, 8 to 32,768
 * @param tmpMib size of {@code /tmp} in MiB (memory of the instance), 1 to 4,096
 * @param concurrency requests at once in one instance, 1 to 1,000
 * @param startTimeout from creation to ready, up to 10 minutes
 * @param idleTimeout without a request until the instance is reaped, 1 s to 24 h
 * @param requestTimeout from first byte in to last byte out, up to 1 h
 * @param ioMib MiB that may be read from disk in a second, and written, 1 to 65,536; empty: what the disk gives
 */
public record Limits(
        int memoryMib,
        double cpus,
        int pids,
        int tmpMib,
        int concurrency,
        Duration startTimeout,
        Duration idleTimeout,
        Duration requestTimeout,
        OptionalInt ioMib) {
    public static final Limits DEFAULTS =
            new Limits(512, 1.0, 512, 64, 50, Duration.ofSeconds(60), Duration.ofMinutes(5), Duration.ofSeconds(300));

    /** With what the disk gives. */
    public Limits(
            int memoryMib,
            double cpus,
            int pids,
            int tmpMib,
            int concurrency,
            Duration startTimeout,
            Duration idleTimeout,
            Duration requestTimeout) {
        this(
                memoryMib,
                cpus,
                pids,
                tmpMib,
                concurrency,
                startTimeout,
                idleTimeout,
                requestTimeout,
                OptionalInt.empty());
    }

    public Limits {
        require(memoryMib >= 16 && memoryMib <= 65_536, "memory", memoryMib + " MiB", "16 to 65536 MiB");
        require(cpus >= 0.05 && cpus <= 64, "cpus", cpus, "0.05 to 64");
        require(pids >= 8 && pids <= 32_768, "pids", pids, "8 to 32768");
        require(tmpMib >= 1 && tmpMib <= 4_096, "tmp", tmpMib + " MiB", "1 to 4096 MiB");
        require(concurrency >= 1 && concurrency <= 1_000, "concurrency", concurrency, "1 to 1000");
        require(within(startTimeout, Duration.ofMinutes(10)), "start-timeout", startTimeout, "above 0, at most 10m");
        require(
                within(idleTimeout, Duration.ofHours(24)) && idleTimeout.compareTo(Duration.ofSeconds(1)) >= 0,
                "idle-timeout",
                idleTimeout,
                "1s to 24h");
        require(within(requestTimeout, Duration.ofHours(1)), "request-timeout", requestTimeout, "above 0, at most 1h");
        ioMib.ifPresent(io -> require(io >= 1 && io <= 65_536, "io", io + " MiB", "1 to 65536 MiB a second"));
    }

    private static boolean within(Duration value, Duration max) {
        return value.isPositive() && value.compareTo(max) <= 0;
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw InvalidFieldException.ofManifest(key, value, expected);
        }
    }
}
