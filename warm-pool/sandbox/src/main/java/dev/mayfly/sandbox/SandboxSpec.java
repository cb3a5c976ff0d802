package dev.mayfly.sandbox;

import dev.mayfly.model.EgressPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * One sandbox to make. All of it is ours: nothing here is taken over from an image or a request as it is.
 *
 * @param id unique on this machine; part of the names of everything made for it
 * @param tenant whose it is: what is used again (a network namespace) is used again for the same tenant only
 * @param layers root file system as directories, top first; never written to
 * @param argv program and arguments
 * @param env whole environment
 * @param workingDir absolute path inside
 * @param uid user and group id inside and outside, 10,000 or above
 * @param limits what it may use
 * @param mounts directories of the host that appear inside
 * @param egress where it may connect to
 * @param socket where the host connects to it; its program finds the listening socket as its standard input. Only for a
 *     runtime class that hands on sockets ({@link SandboxRuntime#handsOnSockets})
 * @param output each line it prints; the flag is true for standard error. Called from a thread of the sandbox
 */
public record SandboxSpec(
        String id,
        String tenant,
        List<Path> layers,
        List<String> argv,
        Map<String, String> env,
        String workingDir,
        int uid,
        SandboxLimits limits,
        List<Mount> mounts,
        EgressPolicy egress,
        Optional<Path> socket,
        BiConsumer<Boolean, String> output) {
    /** Lowest user id that a sandbox may have: below are the host's own. */
    public static final int UID_MIN = 10_000;

    /** A directory or file of the host that appears inside, never with device files or setuid. */
    public record Mount(Path host, String inside, boolean readOnly) {
        public Mount {
            requireInside(inside, "mount");
        }
    }

    /**
     * What one sandbox may use.
     *
     * @param memoryMib memory with tmpfs
     * @param cpus CPU time per wall time
     * @param pids processes and threads
     * @param tmpMib size of {@code /tmp}
     */
    public record SandboxLimits(int memoryMib, double cpus, int pids, int tmpMib) {
        public SandboxLimits {
            if (memoryMib < 1 || cpus <= 0 || pids < 1 || tmpMib < 1) {
                throw new IllegalArgumentException("limits: " + memoryMib + " MiB, " + cpus + " cpus, " + pids
                        + " pids, " + tmpMib + " MiB tmp (expected: all above 0)");
            }
        }
    }

    /** Without a socket: standard input is empty. */
    public SandboxSpec(
            String id,
            String tenant,
            List<Path> layers,
            List<String> argv,
            Map<String, String> env,
            String workingDir,
            int uid,
            SandboxLimits limits,
            List<Mount> mounts,
            EgressPolicy egress,
            BiConsumer<Boolean, String> output) {
        this(id, tenant, layers, argv, env, workingDir, uid, limits, mounts, egress, Optional.empty(), output);
    }

    public SandboxSpec {
        if (!id.matches("[a-z0-9_]{1,60}")) {
            throw new IllegalArgumentException("id: '" + id + "' (expected: 1-60 of a-z, 0-9 and '_')");
        }
        if (tenant.isEmpty() || tenant.length() > 200) {
            throw new IllegalArgumentException("tenant: '" + tenant + "' (expected: 1-200 characters)");
        }
        layers = List.copyOf(layers);
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
        mounts = List.copyOf(mounts);
        if (layers.isEmpty() || argv.isEmpty()) {
            throw new IllegalArgumentException("layers and argv: empty (expected: at least one of each)");
        }
        requireInside(workingDir, "workingDir");
        if (uid < UID_MIN) {
            throw new IllegalArgumentException("uid: " + uid + " (expected: " + UID_MIN + " or above)");
        }
    }

    /** Absolute, normal, and not into a file system of the kernel. */
    private static void requireInside(String path, String what) {
        Path normal = Path.of(path).normalize();
        if (!path.startsWith("/") || !normal.toString().equals(path) || path.matches("/(proc|sys|dev)(/.*)?")) {
            throw new IllegalArgumentException(
                    what + ": '" + path + "' (expected: an absolute path without '..', not below /proc, /sys or /dev)");
        }
    }

    /** Without the environment, which may hold secrets. */
    @Override
    public String toString() {
        return "SandboxSpec[" + id + ", " + argv.getFirst() + "]";
    }
}
