package dev.mayfly.pool.shell;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** From a release to a running sandbox: which layers, which environment, which limits, which way in. */
final class Start {
    /** Why a start failed. */
    record Failure(ErrorCode code, String detail) {}

    /** A sandbox and the way in. */
    record Started(Sandbox sandbox, InstanceAddress address) {}

    static final int WEB_PORT = 8_080;
    private static final String SOCKET_FOLDER = "/run/mayfly";
    private static final String SOCKET = "fn.sock";
    private static final int TENANT_UID_MIN = 100_000;

    private final SandboxRuntime runtime;
    private final ImageRoots images;
    private final Path sockets;

    Start(SandboxRuntime runtime, ImageRoots images, Path sockets) {
        this.runtime = runtime;
        this.images = images;
        this.sockets = sockets;
    }

    String runtimeClass() {
        return runtime.name();
    }

    /** Makes the sandbox of an instance. */
    Started instance(String id, ReleaseToRun release, BiConsumer<Boolean, String> output) throws InterruptedException {
        boolean function = release.spec().kind() == AppKind.FUNCTION;
        int uid = uid(release);
        Map<String, String> env = environment(release, release.process());
        List<SandboxSpec.Mount> mounts = List.of();
        Path socketFolder = sockets.resolve(id);
        int port = WEB_PORT;
        if (function) {
            makeFolder(socketFolder, uid);
            mounts = List.of(new SandboxSpec.Mount(socketFolder, SOCKET_FOLDER, false));
            env.put(
                    "MAYFLY_SOCKET",
                    runtime.name().equals("process")
                            ? socketFolder.resolve(SOCKET).toString()
                            : SOCKET_FOLDER + "/" + SOCKET);
        } else {
            port = runtime.name().equals("process") ? freePort() : WEB_PORT;
            env.put("PORT", String.valueOf(port));
        }
        Sandbox sandbox = runtime.start(spec(id, release, release.process(), env, mounts, uid, output));
        InstanceAddress address = function
                ? new InstanceAddress.UnixSocket(socketFolder.resolve(SOCKET))
                : new InstanceAddress.Tcp(sandbox.address().orElse("127.0.0.1"), port);
        return new Started(sandbox, address);
    }

    /** Makes the sandbox of a one-off process. */
    Sandbox oneOff(String id, ReleaseToRun release, ProcessSpec process, BiConsumer<Boolean, String> output)
            throws InterruptedException {
        return runtime.start(
                spec(id, release, process, environment(release, process), List.of(), uid(release), output));
    }

    /** Removes the folder of the instance's socket. */
    void cleanUp(String id) {
        Path folder = sockets.resolve(id);
        try {
            Files.deleteIfExists(folder.resolve(SOCKET));
            if (Files.exists(folder)) {
                try (var files = Files.list(folder)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SandboxSpec spec(
            String id,
            ReleaseToRun release,
            ProcessSpec process,
            Map<String, String> env,
            List<SandboxSpec.Mount> mounts,
            int uid,
            BiConsumer<Boolean, String> output) {
        Limits limits = release.spec().limits();
        return new SandboxSpec(
                id,
                release.release().app().tenant().value(),
                images.layers(release.image()),
                process.argv(),
                env,
                process.workingDir(),
                uid,
                new SandboxSpec.SandboxLimits(limits.memoryMib(), limits.cpus(), limits.pids(), limits.tmpMib()),
                mounts,
                release.spec().egress(),
                output);
    }

    private static Map<String, String> environment(ReleaseToRun release, ProcessSpec process) {
        Map<String, String> env = new HashMap<>(process.env());
        env.putAll(release.config());
        env.put("MAYFLY_APP", release.release().app().app().value());
        env.put("MAYFLY_RELEASE", "v" + release.release().version());
        return env;
    }

    /** The same for all of a tenant, so that per-user limits of the kernel are the tenant's own. */
    private static int uid(ReleaseToRun release) {
        return TENANT_UID_MIN
                + Math.floorMod(release.release().app().tenant().value().hashCode(), 1 << 20);
    }

    private static void makeFolder(Path folder, int uid) {
        try {
            Files.createDirectories(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            if ("root".equals(System.getProperty("user.name"))) {
                Files.setAttribute(folder, "unix:uid", uid);
                Files.setAttribute(folder, "unix:gid", uid);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
