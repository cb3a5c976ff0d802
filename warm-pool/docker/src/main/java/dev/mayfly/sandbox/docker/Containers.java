package dev.mayfly.sandbox.docker;

import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.oci.OciConfig;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The requests that create containers, from constants and a typed request, as OciConfig does it for OCI programs. */
final class Containers {
    /** Label with the tag of the server whose container or image it is. */
    static final String SERVER = "dev.mayfly.server";

    /** Label with the sandbox of which the container is a part. */
    static final String SANDBOX = "dev.mayfly.sandbox";

    private static final long MIB = 1024L * 1024L;
    private static final long SHM_BYTES = 16 * MIB;

    /** Our program needs next to nothing; what starts it inside is a program of several threads. */
    private static final long HOLDER_BYTES = 32 * MIB;

    private static final int HOLDER_PIDS = 64;

    private Containers() {}

    /** The container that holds the network. Others join it, so the host name is said here. */
    static JsonObject holder(String tag, String image, SandboxSpec spec, String parent) {
        return new JsonObject()
                .put("Image", image)
                .put("Entrypoint", new JsonArray().add(PauseProgram.PATH))
                .put("User", spec.uid() + ":" + spec.uid())
                .put("Hostname", "mayfly")
                .put("Labels", labels(tag, spec))
                .put(
                        "HostConfig",
                        common(parent)
                                .put("NetworkMode", "none")
                                .put("Memory", HOLDER_BYTES)
                                .put("MemorySwap", HOLDER_BYTES)
                                .put("PidsLimit", HOLDER_PIDS));
    }

    /**
     * @param files generated files by their path inside
     * @param disk whose reads and writes are limited, if any's are
     */
    static JsonObject sandbox(
            String tag,
            String image,
            SandboxSpec spec,
            String parent,
            String holder,
            Map<String, Path> files,
            Optional<IoDisk> disk) {
        JsonArray env = new JsonArray();
        OciConfig.environment(spec).forEach((name, value) -> env.add(name + "=" + value));
        JsonArray mounts = new JsonArray();
        files.forEach((inside, host) -> mounts.add(mount(host, inside, true)));
        spec.mounts().forEach(mount -> mounts.add(mount(mount.host(), mount.inside(), mount.readOnly())));
        long memory = spec.limits().memoryMib() * MIB;
        JsonObject host = common(parent)
                .put("NetworkMode", "container:" + holder)
                .put("Mounts", mounts)
                .put(
                        "Tmpfs",
                        new JsonObject()
                                .put("/tmp", OciConfig.tmpOptions(spec.limits()))
                                // The engine's own has a size, and no limit on files.
                                .put("/dev/shm", OciConfig.shmOptions()))
                .put("Memory", memory)
                .put("MemorySwap", memory)
                .put("CpuQuota", OciConfig.quota(spec.limits().cpus()))
                .put("CpuPeriod", OciConfig.CPU_PERIOD_US)
                .put("PidsLimit", spec.limits().pids())
                .put(
                        "Ulimits",
                        new JsonArray()
                                .add(limit("nofile", OciConfig.NOFILE))
                                .add(limit("core", 0))
                                .add(limit("sigpending", OciConfig.SIGPENDING))
                                .add(limit("msgqueue", OciConfig.MSGQUEUE))
                                .add(limit("memlock", OciConfig.MEMLOCK)));
        disk.ifPresent(it -> limitIo(host, it, spec.limits().ioMib().orElseThrow()));
        return new JsonObject()
                .put("Image", image)
                .put("Entrypoint", new JsonArray(spec.argv()))
                .put("Env", env)
                .put("User", spec.uid() + ":" + spec.uid())
                .put("WorkingDir", spec.workingDir())
                .put("AttachStdout", true)
                .put("AttachStderr", true)
                .put("Labels", labels(tag, spec))
                .put("HostConfig", host);
    }

    private static void limitIo(JsonObject host, IoDisk disk, int mib) {
        JsonArray rate = new JsonArray()
                .add(new JsonObject().put("Path", disk.device().toString()).put("Rate", mib * MIB));
        host.put("BlkioDeviceReadBps", rate).put("BlkioDeviceWriteBps", rate);
    }

    private static JsonObject common(String parent) {
        JsonObject host = new JsonObject()
                .put("CapDrop", new JsonArray().add("ALL"))
                .put(
                        "SecurityOpt",
                        new JsonArray()
                                .add("no-new-privileges:true")
                                .add("seccomp=" + OciConfig.seccomp().encode()))
                .put("ReadonlyRootfs", true)
                .put("IpcMode", "private")
                .put("CgroupnsMode", "private")
                .put("ShmSize", SHM_BYTES)
                .put("LogConfig", new JsonObject().put("Type", "none"))
                .put("RestartPolicy", new JsonObject().put("Name", "no"))
                // Docker shows /sys with the cgroups; an empty file system over it does not.
                .put("MaskedPaths", new JsonArray(new ArrayList<>(OciConfig.MASKED)).add("/sys"))
                .put("ReadonlyPaths", new JsonArray(OciConfig.READ_ONLY));
        return parent.isEmpty() ? host : host.put("CgroupParent", parent);
    }

    private static JsonObject labels(String tag, SandboxSpec spec) {
        return new JsonObject().put(SERVER, tag).put(SANDBOX, spec.id());
    }

    private static JsonObject limit(String name, int value) {
        return new JsonObject().put("Name", name).put("Hard", value).put("Soft", value);
    }

    private static JsonObject mount(Path host, String inside, boolean readOnly) {
        return new JsonObject()
                .put("Type", "bind")
                .put("Source", host.toAbsolutePath().toString())
                .put("Target", inside)
                .put("ReadOnly", readOnly)
                .put("BindOptions", new JsonObject().put("Propagation", "rprivate"));
    }

    /** The filter in a query for everything of a server. */
    static String filter(String tag) {
        return "filters="
                + java.net.URLEncoder.encode(
                        new JsonObject()
                                .put("label", new JsonArray(List.of(SERVER + "=" + tag)))
                                .encode(),
                        java.nio.charset.StandardCharsets.UTF_8);
    }
}
