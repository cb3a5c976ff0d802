package dev.mayfly.sandbox.contract;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.SandboxSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BiConsumer;

/** One sandbox to make, small unless the test says otherwise. */
public record SandboxRequest(
        List<Path> layers,
        List<String> argv,
        Map<String, String> env,
        String workingDir,
        SandboxSpec.SandboxLimits limits,
        List<SandboxSpec.Mount> mounts,
        EgressPolicy egress,
        int uid) {
    /** Of this test alone: processes are told from others' by it. */
    static final int UID = 40_000 + (int) (ProcessHandle.current().pid() % 20_000);

    static final int PIDS = 32;
    static final int MEMORY_MIB = 64;
    static final int TMP_MIB = 8;

    static SandboxRequest of(Path layer, String... argv) {
        return new SandboxRequest(
                List.of(layer),
                List.of(argv),
                Map.of(),
                "/",
                new SandboxSpec.SandboxLimits(MEMORY_MIB, 1.0, PIDS, TMP_MIB),
                List.of(),
                EgressPolicy.NONE,
                UID);
    }

    SandboxRequest layers(Path... other) {
        return new SandboxRequest(List.of(other), argv, env, workingDir, limits, mounts, egress, uid);
    }

    SandboxRequest env(Map<String, String> other) {
        return new SandboxRequest(layers, argv, other, workingDir, limits, mounts, egress, uid);
    }

    SandboxRequest in(String folder) {
        return new SandboxRequest(layers, argv, env, folder, limits, mounts, egress, uid);
    }

    SandboxRequest limits(int memoryMib, double cpus, int pids, int tmpMib) {
        return new SandboxRequest(
                layers,
                argv,
                env,
                workingDir,
                new SandboxSpec.SandboxLimits(memoryMib, cpus, pids, tmpMib),
                mounts,
                egress,
                uid);
    }

    /** With this many MiB a second from disk. */
    SandboxRequest io(int mib) {
        return new SandboxRequest(
                layers,
                argv,
                env,
                workingDir,
                new SandboxSpec.SandboxLimits(MEMORY_MIB, 1.0, PIDS, TMP_MIB, OptionalInt.of(mib)),
                mounts,
                egress,
                uid);
    }

    SandboxRequest mount(Path host, String inside, boolean readOnly) {
        return new SandboxRequest(
                layers,
                argv,
                env,
                workingDir,
                limits,
                List.of(new SandboxSpec.Mount(host, inside, readOnly)),
                egress,
                uid);
    }

    SandboxRequest open() {
        return new SandboxRequest(layers, argv, env, workingDir, limits, mounts, EgressPolicy.OPEN, uid);
    }

    /** For another app. */
    SandboxRequest as(int other) {
        return new SandboxRequest(layers, argv, env, workingDir, limits, mounts, egress, other);
    }

    SandboxSpec spec(String id, BiConsumer<Boolean, String> output) {
        return new SandboxSpec(id, "tenant", layers, argv, env, workingDir, uid, limits, mounts, egress, output);
    }
}
