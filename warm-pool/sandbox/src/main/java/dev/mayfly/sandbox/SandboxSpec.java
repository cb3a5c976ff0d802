package dev.mayfly.sandbox;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
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
 * @param label what this server wants to know of it if it outlives the server, at most 1,900 bytes
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
        String label,
        BiConsumer<Boolean, String> output) {
    /** Where programs are looked for if the environment does not say. */
    public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** What every program finds in its environment unless its own says otherwise. */
    public static final Map<String, String> BASE_ENV = Map.of("PATH", PATH, "HOME", "/tmp", "LANG", "C.UTF-8");

    /** The kernel's limit on one string of arguments or environment, its end included (MAX_ARG_STRLEN). */
    private static final int STRING_BYTES_MAX = 128 * 1024 - 1;

    /** Of all of them together: a quarter of the stack (8 MiB), less some room for the kernel. */
    private static final int STRINGS_BYTES_MAX = 2 * 1024 * 1024 - 64 * 1024;

    /** Lowest user id that a sandbox may have: below are the host's own. */
    public static final int UID_MIN = 10_000;

    private static final int LABEL_BYTES_MAX = 1_900;

    /** Highest user id of a generic sandbox: inside the range that it has to itself. */
    public static final int GENERIC_UID_MAX = 65_534;

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
     * @param ioMib MiB that may be read from {@link IoDisk} in a second, and written; empty: what it gives
     */
    public record SandboxLimits(int memoryMib, double cpus, int pids, int tmpMib, OptionalInt ioMib) {
        /** With what the disk gives. */
        public SandboxLimits(int memoryMib, double cpus, int pids, int tmpMib) {
            this(memoryMib, cpus, pids, tmpMib, OptionalInt.empty());
        }

        public SandboxLimits {
            requireAboveZero(memoryMib > 0, "memory", memoryMib + " MiB");
            requireAboveZero(cpus > 0 && Double.isFinite(cpus), "cpus", String.valueOf(cpus));
            requireAboveZero(pids > 0, "pids", String.valueOf(pids));
            requireAboveZero(tmpMib > 0, "tmp", tmpMib + " MiB");
            ioMib.ifPresent(io -> requireAboveZero(io > 0, "io", io + " MiB"));
        }

        private static void requireAboveZero(boolean holds, String name, String value) {
            if (!holds) {
                throw failed("limits." + name + ": " + value + " (expected: above 0)");
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
        this(id, tenant, layers, argv, env, workingDir, uid, limits, mounts, egress, Optional.empty(), "", output);
    }

    /** With another label. */
    public SandboxSpec labelled(String other) {
        return new SandboxSpec(
                id, tenant, layers, argv, env, workingDir, uid, limits, mounts, egress, socket, other, output);
    }

    public SandboxSpec {
        if (!id.matches("[a-z0-9_]{1,60}")) {
            throw failed("id: '" + id + "' (expected: 1-60 of a-z, 0-9 and '_')");
        }
        if (tenant.isEmpty() || tenant.length() > 200) {
            throw failed("tenant: '" + tenant + "' (expected: 1-200 characters)");
        }
        layers = List.copyOf(layers);
        argv = List.copyOf(argv);
        env = Map.copyOf(env);
        mounts = List.copyOf(mounts);
        if (layers.isEmpty() || argv.isEmpty()) {
            throw failed("layers and argv: empty (expected: at least one of each)");
        }
        requireFits(argv, env);
        int labelBytes = label.getBytes(StandardCharsets.UTF_8).length;
        if (labelBytes > LABEL_BYTES_MAX) {
            throw failed("label: " + labelBytes + " bytes (expected: at most " + LABEL_BYTES_MAX + ")");
        }
        requireInside(workingDir, "workingDir");
        if (uid < UID_MIN) {
            throw failed("uid: " + uid + " (expected: " + UID_MIN + " or above)");
        }
    }

    /** The same with other mounts. */
    public SandboxSpec withMounts(List<Mount> other) {
        return new SandboxSpec(
                id, tenant, layers, argv, env, workingDir, uid, limits, other, egress, socket, label, output);
    }

    private static MayflyException failed(String message) {
        return new MayflyException(ErrorCode.START_FAILED, message);
    }

    /** What the kernel would refuse at the start is refused before anything is made. */
    private static void requireFits(List<String> argv, Map<String, String> env) {
        long all = 0;
        for (int i = 0; i < argv.size(); i++) {
            all += requireString("argv[" + i + "]", argv.get(i));
        }
        for (var entry : env.entrySet()) {
            if (!entry.getKey().matches("[^=\u0000]{1,1000}")) {
                throw failed("env: '" + entry.getKey() + "' (expected: a name of 1 to 1000 characters without '=')");
            }
            all += requireString("env." + entry.getKey(), entry.getKey() + "=" + entry.getValue());
        }
        if (all > STRINGS_BYTES_MAX) {
            throw failed("argv and env: " + all + " bytes (expected: at most " + STRINGS_BYTES_MAX + " together)");
        }
    }

    /** Never shows the value, which may be a secret. */
    private static long requireString(String what, String text) {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > STRING_BYTES_MAX) {
            throw failed(what + ": " + bytes + " bytes (expected: at most " + STRING_BYTES_MAX + ")");
        }
        if (text.indexOf('\0') >= 0) {
            throw failed(what + ": has a zero byte (expected: none)");
        }
        return bytes + 1L + Long.BYTES; // With its end and the pointer to it.
    }

    /** Absolute, normal, and not into a file system of the kernel. */
    private static void requireInside(String path, String what) {
        Path normal = Path.of(path.replace('\0', '?')).normalize();
        if (!path.startsWith("/") || !normal.toString().equals(path) || path.matches("/(proc|sys|dev)(/.*)?")) {
            throw failed(
                    what + ": '" + path + "' (expected: an absolute path without '..', not below /proc, /sys or /dev)");
        }
    }

    /** Without the environment, which may hold secrets. */
    @Override
    public String toString() {
        return "SandboxSpec[" + id + ", " + argv.getFirst() + "]";
    }
}
