package dev.mayfly.pool.engine;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** From a release to a running sandbox: which layers, which environment, which limits, which way in. */
final class SandboxStarter {
    /** Why a start failed. */
    record Failure(ErrorCode code, String detail) {
        /** Not the release's doing. Of what, is for the operator alone. */
        static final Failure PLATFORM =
                new Failure(ErrorCode.START_IMPOSSIBLE, "Mayfly could not make its sandbox; the server's log says why");
    }

    /** A sandbox and the way in. */
    record Started(Sandbox sandbox, InstanceAddress address) {}

    static final int WEB_PORT = 8_080;
    static final String SOCKET_VARIABLE = "MAYFLY_SOCKET";

    /** The shim finds it open, as its standard input. */
    static final String SOCKET_HANDED_ON = "fd:0";

    private static final String SOCKET_FOLDER = "/run/mayfly";
    private static final String SOCKET = "fn.sock";

    private static final int TENANT_UID_MIN = 100_000;

    private final RuntimeClasses runtimes;
    private final ImageRoots images;
    private final SocketFolders sockets;

    SandboxStarter(RuntimeClasses runtimes, ImageRoots images, SocketFolders sockets) {
        this.runtimes = runtimes;
        this.images = images;
        this.sockets = sockets;
    }

    /** The class that instances of the release run in. */
    String runtimeClass(ReleaseToRun release) {
        return release.spec().runtimeClass().orElse(defaultClass());
    }

    /** The class that what is nobody's runs in. */
    String defaultClass() {
        return runtimes.offered().getFirst();
    }

    /** Makes the sandbox of an instance. */
    Started instance(String id, ReleaseToRun release, BiConsumer<Boolean, String> output) throws InterruptedException {
        SandboxRuntime runtime = runtimes.of(release.spec().runtimeClass());
        boolean plain = !runtime.isolates();
        boolean function = release.spec().kind() == AppKind.FUNCTION;
        int uid = uid(release);
        Map<String, String> env = environment(release, release.process());
        if (function && runtime.handsOnSockets()) {
            return withSocket(runtime, id, release, env, uid, output);
        }
        List<SandboxSpec.Mount> mounts = List.of();
        Path socketFolder = sockets.path(id);
        int port = WEB_PORT;
        if (function) {
            if (!runtime.seesMounts()) {
                throw new MayflyException(
                        ErrorCode.UNSUPPORTED,
                        "runtime: '" + runtime.name()
                                + "' cannot serve functions (expected: one of the others: it does not"
                                + " see the folder that we mount for a function's socket)");
            }
            socketFolder = plain ? sockets.plain(id) : sockets.mount(id, uid);
            mounts = List.of(new SandboxSpec.Mount(socketFolder, SOCKET_FOLDER, false));
            env.put(SOCKET_VARIABLE, plain ? socketFolder.resolve(SOCKET).toString() : SOCKET_FOLDER + "/" + SOCKET);
        } else {
            port = plain ? freePort() : WEB_PORT;
            env.put("PORT", String.valueOf(port));
        }
        Sandbox sandbox;
        try {
            sandbox = runtime.start(spec(id, release, release.process(), env, mounts, Optional.empty(), uid, output));
        } catch (RuntimeException | InterruptedException e) {
            sockets.remove(id);
            throw e;
        }
        InstanceAddress address = function
                ? new InstanceAddress.UnixSocket(socketFolder.resolve(SOCKET))
                : new InstanceAddress.Tcp(sandbox.address().orElse("127.0.0.1"), port);
        return new Started(sandbox, address);
    }

    /** The function gets an open socket and no folder: it never sees where the host connects to. */
    private Started withSocket(
            SandboxRuntime runtime,
            String id,
            ReleaseToRun release,
            Map<String, String> env,
            int uid,
            BiConsumer<Boolean, String> output)
            throws InterruptedException {
        Path socket = sockets.socket(id);
        env.put(SOCKET_VARIABLE, SOCKET_HANDED_ON);
        Sandbox sandbox =
                runtime.start(spec(id, release, release.process(), env, List.of(), Optional.of(socket), uid, output));
        return new Started(sandbox, new InstanceAddress.UnixSocket(socket));
    }

    /** Takes over the sandbox of an instance that a predecessor of this server has left running; empty: it does not go. */
    Optional<Started> adopt(String id, ReleaseToRun release, BiConsumer<Boolean, String> output)
            throws InterruptedException {
        Optional<Path> socket =
                release.spec().kind() == AppKind.FUNCTION ? Optional.of(sockets.socket(id)) : Optional.empty();
        SandboxSpec spec = spec(id, release, release.process(), Map.of(), List.of(), socket, uid(release), output);
        Optional<Sandbox> adopted = Optional.empty();
        try {
            adopted = runtimes.of(release.spec().runtimeClass()).adopt(spec);
        } finally {
            if (adopted.isEmpty()) {
                runtimes.destroyOrphans(Set.of(id)); // It may run in another class than it would have here.
            }
        }
        return adopted.map(sandbox -> new Started(
                sandbox,
                socket.<InstanceAddress>map(InstanceAddress.UnixSocket::new)
                        .orElseGet(
                                () -> new InstanceAddress.Tcp(sandbox.address().orElse("127.0.0.1"), WEB_PORT))));
    }

    /** Makes the sandbox of a one-off process, which nobody adopts. */
    Sandbox oneOff(String id, ReleaseToRun release, ProcessSpec process, BiConsumer<Boolean, String> output)
            throws InterruptedException {
        Map<String, String> env = environment(release, process);
        SandboxSpec spec = spec(id, release, process, env, List.of(), Optional.empty(), uid(release), output);
        return runtimes.of(release.spec().runtimeClass()).start(spec.labelled(""));
    }

    /** Removes the folder of the instance's socket. */
    void cleanUp(String id) throws InterruptedException {
        sockets.remove(id);
    }

    private SandboxSpec spec(
            String id,
            ReleaseToRun release,
            ProcessSpec process,
            Map<String, String> env,
            List<SandboxSpec.Mount> mounts,
            Optional<Path> socket,
            int uid,
            BiConsumer<Boolean, String> output) {
        return new SandboxSpec(
                id,
                release.release().app().tenant().value(),
                images.layers(release.image()),
                process.argv(),
                env,
                process.workingDir(),
                uid,
                limits(release),
                mounts,
                release.spec().egress(),
                socket,
                InstanceLabel.of(release),
                output);
    }

    static SandboxSpec.SandboxLimits limits(ReleaseToRun release) {
        Limits limits = release.spec().limits();
        return new SandboxSpec.SandboxLimits(
                limits.memoryMib(), limits.cpus(), limits.pids(), limits.tmpMib(), limits.ioMib());
    }

    /** What the release's process finds in its environment, but for the way in and what every sandbox has. */
    static Map<String, String> environment(ReleaseToRun release, ProcessSpec process) {
        Map<String, String> env = new HashMap<>(process.env());
        env.putAll(release.config());
        env.put("MAYFLY_APP", release.release().app().app().value());
        env.put("MAYFLY_RELEASE", "v" + release.release().version());
        if (release.spec().isolation() == Isolation.REQUEST) {
            env.put("MAYFLY_ISOLATION", Isolation.REQUEST.wireName()); // The shim answers one request and ends.
        }
        return env;
    }

    /** The same for all of a tenant, so that per-user limits of the kernel are the tenant's own. */
    private static int uid(ReleaseToRun release) {
        return TENANT_UID_MIN
                + Math.floorMod(release.release().app().tenant().value().hashCode(), 1 << 20);
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
