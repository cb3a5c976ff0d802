package dev.mayfly.bench.sandbox;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.SandboxSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;

/** What the benchmarks run in a sandbox: programs of one layer, with limits that few of them reach. */
public record Workload(Path layer, String tenant, int uid, SandboxSpec.SandboxLimits limits) {
    static final int UID = 12_345;
    private static final AtomicLong NEXT = new AtomicLong();

    Workload(Path layer, SandboxSpec.SandboxLimits limits) {
        this(layer, "bench", UID, limits);
    }

    /** Limits as an app of ordinary size has them. */
    static Workload of(Path layer) {
        return new Workload(layer, new SandboxSpec.SandboxLimits(256, 1, 64, 16));
    }

    SandboxSpec spec(List<String> argv) {
        return spec(argv, Map.of(), List.of(), (_, _) -> {});
    }

    SandboxSpec spec(
            List<String> argv,
            Map<String, String> env,
            List<SandboxSpec.Mount> mounts,
            BiConsumer<Boolean, String> output) {
        return spec(argv, env, mounts, EgressPolicy.NONE, Optional.empty(), output);
    }

    /** @param socket handed on to the program, for a runtime class that does */
    SandboxSpec spec(
            List<String> argv,
            Map<String, String> env,
            List<SandboxSpec.Mount> mounts,
            EgressPolicy egress,
            Optional<Path> socket,
            BiConsumer<Boolean, String> output) {
        return new SandboxSpec(
                "bench" + NEXT.incrementAndGet(),
                tenant,
                List.of(layer),
                argv,
                env,
                "/",
                uid,
                limits,
                mounts,
                egress,
                socket,
                "",
                output);
    }
}
