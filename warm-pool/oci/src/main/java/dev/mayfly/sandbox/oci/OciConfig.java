package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.network.Network;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes {@code config.json} (OCI runtime specification 1.0.2) from constants and a typed request. Nothing of it comes from
 * an image's labels or a user's JSON.
 */
public final class OciConfig {
    /** Files of the kernel that are not to be seen. */
    public static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kallsyms",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/sysrq-trigger",
            "/proc/timer_list",
            "/proc/timer_stats");
    /** Files of the kernel that are not to be written. */
    public static final List<String> READ_ONLY = List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys");
    /** Files that a process may have open. */
    public static final int NOFILE = 4_096;
    /** Signals that a user may have queued, timers included. */
    public static final int SIGPENDING = 4_096;
    /** Bytes in a user's message queues. */
    public static final int MSGQUEUE = 819_200;
    /** Bytes that a process may keep in memory. */
    public static final int MEMLOCK = 8 << 20;
    /** Microseconds in which CPU time is rationed. */
    public static final int CPU_PERIOD_US = 100_000;

    /** Of {@code /dev/shm}: without a number each file in it takes the machine's memory beside its size. */
    private static final String SHM_SIZE = "size=16384k";

    private static final String SHM_FILES = "nr_inodes=16384";

    private OciConfig() {}

    /**
     * @param root the mounted root file system
     * @param files generated files by their path inside
     * @param netns file of the network namespace to join
     * @param cgroup path of its cgroup below each controller
     * @param ownKernel whether the program brings a kernel of its own
     */
    static JsonObject write(
            SandboxSpec spec, Path root, Map<String, Path> files, String netns, String cgroup, boolean ownKernel) {
        return new JsonObject()
                .put("ociVersion", "1.0.2")
                .put("hostname", "mayfly")
                .put("root", new JsonObject().put("path", root.toString()).put("readonly", true))
                .put("process", process(spec))
                .put("mounts", mounts(spec, files))
                .put("linux", linux(spec, netns, cgroup, ownKernel));
    }

    private static JsonObject process(SandboxSpec spec) {
        JsonArray env = new JsonArray();
        environment(spec).forEach((name, value) -> env.add(name + "=" + value));
        JsonArray none = new JsonArray();
        return new JsonObject()
                .put("terminal", false)
                .put("user", new JsonObject().put("uid", spec.uid()).put("gid", spec.uid()))
                .put("args", new JsonArray(spec.argv()))
                .put("env", env)
                .put("cwd", spec.workingDir())
                .put(
                        "capabilities",
                        new JsonObject()
                                .put("bounding", none)
                                .put("effective", none)
                                .put("inheritable", none)
                                .put("permitted", none)
                                .put("ambient", none))
                .put(
                        "rlimits",
                        new JsonArray()
                                .add(rlimit("RLIMIT_NOFILE", NOFILE))
                                .add(rlimit("RLIMIT_CORE", 0))
                                .add(rlimit("RLIMIT_SIGPENDING", SIGPENDING))
                                .add(rlimit("RLIMIT_MSGQUEUE", MSGQUEUE))
                                .add(rlimit("RLIMIT_MEMLOCK", MEMLOCK)))
                .put("noNewPrivileges", true);
    }

    /** The whole environment: the request's, and what every program may expect. */
    public static Map<String, String> environment(SandboxSpec spec) {
        Map<String, String> all = new TreeMap<>(SandboxSpec.BASE_ENV);
        all.putAll(spec.env());
        return all;
    }

    /** The system call filter, in the form that OCI programs and Docker both read. */
    public static JsonObject seccomp() {
        return Seccomp.profile(false);
    }

    /** How {@code /dev/shm} is mounted. */
    public static String shmOptions() {
        return "rw,noexec,nosuid,nodev,mode=1777," + SHM_SIZE + "," + SHM_FILES;
    }

    /** How {@code /tmp} is mounted. */
    public static String tmpOptions(SandboxSpec.SandboxLimits limits) {
        return "rw,exec,nosuid,nodev,mode=1777,size=" + limits.tmpMib() + "m,nr_inodes=" + tmpFiles(limits);
    }

    private static long tmpFiles(SandboxSpec.SandboxLimits limits) {
        return Math.min(1_000_000, limits.tmpMib() * 1_000L);
    }

    /** Removes the parent cgroup of a class, which goes when it is empty. */
    public static void removeCgroups(String parent) {
        new Cgroups(parent).removeParents();
    }

    /** Deletes a folder of generated files. Follows no links. */
    public static void deleteTree(Path tree) {
        OciRuntime.deleteTree(tree);
    }

    private static JsonObject rlimit(String type, int value) {
        return new JsonObject().put("type", type).put("hard", value).put("soft", value);
    }

    private static JsonArray mounts(SandboxSpec spec, Map<String, Path> files) {
        JsonArray mounts = new JsonArray()
                .add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"))
                .add(mount(
                        "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=1024k", "nr_inodes=256"))
                .add(mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", SHM_SIZE, SHM_FILES))
                .add(mount(
                        "/tmp",
                        "tmpfs",
                        "tmpfs",
                        "nosuid",
                        "nodev",
                        "mode=1777",
                        "size=" + spec.limits().tmpMib() + "m",
                        "nr_inodes=" + tmpFiles(spec.limits())));
        files.forEach((inside, host) -> mounts.add(bind(host, inside, true)));
        spec.mounts().forEach(mount -> mounts.add(bind(mount.host(), mount.inside(), mount.readOnly())));
        return mounts;
    }

    private static JsonObject mount(String destination, String type, String source, String... options) {
        return new JsonObject()
                .put("destination", destination)
                .put("type", type)
                .put("source", source)
                .put("options", new JsonArray(List.of(options)));
    }

    private static JsonObject bind(Path host, String inside, boolean readOnly) {
        return mount(
                inside,
                "bind",
                host.toAbsolutePath().toString(),
                "rbind",
                readOnly ? "ro" : "rw",
                "nosuid",
                "nodev",
                "rprivate");
    }

    /** Puts a limit on reads and writes of a disk into a written configuration. */
    static void limitIo(JsonObject config, IoDisk disk, int mib) {
        config.getJsonObject("linux")
                .getJsonObject("resources")
                .put(
                        "blockIO",
                        new JsonObject()
                                .put("throttleReadBpsDevice", new JsonArray().add(rate(disk, mib)))
                                .put("throttleWriteBpsDevice", new JsonArray().add(rate(disk, mib))));
    }

    private static JsonObject rate(IoDisk disk, int mib) {
        return new JsonObject()
                .put("major", disk.major())
                .put("minor", disk.minor())
                .put("rate", mib * 1024L * 1024L);
    }

    private static JsonObject linux(SandboxSpec spec, String netns, String cgroup, boolean ownKernel) {
        JsonArray namespaces = new JsonArray();
        for (String type : List.of("pid", "mount", "ipc", "uts")) {
            namespaces.add(new JsonObject().put("type", type));
        }
        namespaces.add(new JsonObject().put("type", "network").put("path", netns));
        long memory = spec.limits().memoryMib() * 1024L * 1024L;
        JsonObject resources = new JsonObject()
                .put(
                        "devices",
                        new JsonArray().add(new JsonObject().put("allow", false).put("access", "rwm")))
                .put("memory", new JsonObject().put("limit", memory))
                .put(
                        "cpu",
                        new JsonObject()
                                .put("quota", quota(spec.limits().cpus()))
                                .put("period", CPU_PERIOD_US)
                                .put("shares", 1_024))
                .put("pids", new JsonObject().put("limit", spec.limits().pids()));
        return new JsonObject()
                .put("namespaces", namespaces)
                .put("cgroupsPath", cgroup)
                .put("resources", resources)
                .put("rootfsPropagation", "rprivate")
                .put("seccomp", Seccomp.profile(ownKernel))
                .put("maskedPaths", new JsonArray(MASKED))
                .put("readonlyPaths", new JsonArray(READ_ONLY));
    }

    /** CPU time per period, in microseconds; the kernel takes no less than a millisecond. */
    public static long quota(double cpus) {
        return Math.max(1_000, Math.round(cpus * CPU_PERIOD_US));
    }

    /** Writes the files that every sandbox sees instead of the machine's; returns them by their paths inside. */
    public static Map<String, Path> writeFiles(Path folder, SandboxSpec spec, Network network) throws IOException {
        Files.createDirectories(folder);
        Map<String, Path> written = new TreeMap<>();
        for (var file :
                files(spec.uid(), network.resolvers(), network.address()).entrySet()) {
            Path host = folder.resolve(file.getKey().substring(file.getKey().lastIndexOf('/') + 1));
            written.put(file.getKey(), Files.writeString(host, file.getValue()));
        }
        return written;
    }

    private static Map<String, String> files(int uid, List<String> resolvers, String address) {
        StringBuilder resolv = new StringBuilder();
        resolvers.forEach(server -> resolv.append("nameserver ").append(server).append('\n'));
        Map<String, String> files = new TreeMap<>();
        files.put("/etc/resolv.conf", resolv.toString());
        files.put("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n" + address + " mayfly\n");
        files.put("/etc/hostname", "mayfly\n");
        files.put(
                "/etc/passwd", "root:x:0:0:root:/:/usr/sbin/nologin\napp:x:" + uid + ":" + uid + ":app:/tmp:/bin/sh\n");
        files.put("/etc/group", "root:x:0:\napp:x:" + uid + ":\n");
        return files;
    }
}
