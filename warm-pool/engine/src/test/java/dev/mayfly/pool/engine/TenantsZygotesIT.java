package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.Isolation;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.Warmth;
import dev.mayfly.model.Zygote;
import dev.mayfly.pool.api.GenericRuntime;
import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.launcher.NativeRuntime;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.Networks;
import io.vertx.core.json.JsonObject;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What functions in Python know of each other's secrets: those of two tenants nothing. With this machine's own Python. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TenantsZygotesIT {
    private static final String TAG = "%04xa".formatted(ProcessHandle.current().pid() & 0xffff);
    private static final String SHIM = "/layers/f/shim/shim.py";

    /** What a fork has of its zygote for ever, and what it must not have. */
    private static final String FUNCTION = """
            import ctypes, json

            def secrets(request):
                auxv = ctypes.CDLL(None).getauxval
                auxv.argtypes, auxv.restype = [ctypes.c_ulong], ctypes.c_ulong
                maps = [line.split("-")[0] for line in open("/proc/self/maps") if "libc.so" in line]
                return json.dumps({
                    "hash": hash("mark"),
                    "libc": maps[0],
                    "at_random": ctypes.string_at(auxv(25), 16).hex(),
                    "forked": "--zygote" in open("/proc/self/cmdline").read(),
                })
            """;

    private Path folder;
    private Path python;
    private Path code;

    /** A pool on sandboxes of its own. */
    private record Opened(WarmPool pool, NativeRuntime runtime, Networks networks) implements AutoCloseable {
        @Override
        public void close() {
            pool.close();
            runtime.close();
            networks.close();
        }
    }

    @BeforeAll
    void makeImages(@TempDir Path temporary) throws Exception {
        folder = temporary;
        python = Files.createDirectories(folder.resolve("python"));
        // The interpreter with its libraries, and what it loads of its own.
        HostCommands.run("bash", "-c", """
                set -eu
                PATH=/usr/bin:/bin; real=$(readlink -f "$(command -v python3)"); lib=$("$real" -I -c 'import os; print(os.path.dirname(os.__file__))')
                mkdir -p "$0/usr/bin" "$0$lib"; cp "$real" "$0/usr/bin/python3"
                tar -C "$lib" --exclude=__pycache__ --exclude=test --exclude=config-* --exclude=dist-packages --exclude=sitecustomize.py -cf - . | tar -C "$0$lib" -xf -
                for file in "$real" "$lib"/lib-dynload/*.so; do ldd "$file"; done | grep -o '/[^ ]*' | sort -u | grep -v lib-dynload |
                while read -r each; do mkdir -p "$0$(dirname "$each")"; cp -L "$each" "$0$each"; done
                """, python.toString());
        Path shim = Files.createDirectories(python.resolve("layers/f/shim"));
        HostCommands.run(
                "cp",
                "-r",
                Path.of("../functions/src/main/java/dev/mayfly/functions/python/shim")
                                .toAbsolutePath() + "/.",
                shim.toString());
        code = Files.createDirectories(folder.resolve("code"));
        Files.writeString(Files.createDirectories(code.resolve("workspace")).resolve("main.py"), FUNCTION);
        HostCommands.run("chmod", "-R", "a+rX", folder.toString());
    }

    private Opened open(PoolConfig.Keeping.Zygotes sharing, int zygotesMax) throws Exception {
        Networks networks = new Networks(NetworkConfig.DEFAULTS, folder.resolve("netns"), TAG);
        NativeRuntime runtime = new NativeRuntime(folder.resolve("run"), TAG, networks, true, Duration.ZERO);
        PoolConfig.Keeping d = PoolConfig.Keeping.DEFAULTS;
        PoolConfig config = new PoolConfig(
                PoolConfig.Caps.DEFAULTS,
                PoolConfig.Waiting.DEFAULTS,
                new PoolConfig.Keeping(
                        d.keepAlive(),
                        d.coldWorth(),
                        d.freezeAfter(),
                        d.preparedMax(),
                        d.genericMin(),
                        d.genericMax(),
                        d.genericMemory(),
                        sharing,
                        zygotesMax));
        Path sockets = Files.createTempDirectory("mfz");
        WarmPool pool = new WarmPool(
                config,
                new PoolParts(new One(runtime), new Images(), sockets.resolve("fn")),
                new Nobody(),
                Clock.systemUTC(),
                "one");
        return new Opened(pool, runtime, networks);
    }

    @Test
    void forksOfTwoTenantsShareNoSecret() throws Exception {
        try (Opened opened = open(PoolConfig.Keeping.Zygotes.TENANT, 2)) {
            JsonObject acme = forked(opened.pool(), "acme");
            JsonObject evil = forked(opened.pool(), "evil");
            assertThat(evil.getLong("hash")).isNotEqualTo(acme.getLong("hash"));
            assertThat(evil.getString("libc")).isNotEqualTo(acme.getString("libc"));
            JsonObject again = forked(opened.pool(), "acme");
            assertThat(again.getLong("hash")).as("of one tenant's zygote").isEqualTo(acme.getLong("hash"));
            assertThat(again.getString("at_random")).isNotEqualTo(acme.getString("at_random"));
        }
    }

    @Test
    void whoHasNoZygoteIsStartedWithSecretsOfItsOwn() throws Exception {
        try (Opened opened = open(PoolConfig.Keeping.Zygotes.TENANT, 1)) {
            JsonObject first = forked(opened.pool(), "acme");
            JsonObject one = call(opened.pool(), "beta");
            JsonObject other = call(opened.pool(), "gamma");
            JsonObject third = call(opened.pool(), "gamma");
            assertThat(List.of(one, other, third)).noneMatch(each -> each.getBoolean("forked"));
            assertThat(Set.of(first.getLong("hash"), one.getLong("hash"), other.getLong("hash"), third.getLong("hash")))
                    .as("seeds of four")
                    .hasSize(4);
        }
    }

    @Test
    void aTenantsNamesakeIsForkedFromAnotherZygote() throws Exception {
        try (Opened opened = open(PoolConfig.Keeping.Zygotes.TENANT, 2)) {
            JsonObject before = forked(opened.pool(), "acme");
            opened.pool().destroyAll(AppRef.of("acme", "f"), DeathReason.DESTROYED);
            assertThat(forked(opened.pool(), "acme").getLong("hash")).isNotEqualTo(before.getLong("hash"));
        }
    }

    @Test
    void theOperatorMayLetAllShareOrForkNothing() throws Exception {
        try (Opened opened = open(PoolConfig.Keeping.Zygotes.MACHINE, 2)) {
            assertThat(forked(opened.pool(), "evil").getLong("hash"))
                    .isEqualTo(forked(opened.pool(), "acme").getLong("hash"));
        }
        try (Opened opened = open(PoolConfig.Keeping.Zygotes.OFF, 2)) {
            for (int i = 0; i < 3; i++) {
                assertThat(call(opened.pool(), "acme").getBoolean("forked")).isFalse();
            }
        }
    }

    /** Zygotes need a moment; until then instances are started. */
    private JsonObject forked(WarmPool pool, String tenant) throws Exception {
        for (int tries = 0; ; tries++) {
            JsonObject found = call(pool, tenant);
            if (found.getBoolean("forked")) {
                return found;
            }
            assertThat(tries).as("instances of %s that were started", tenant).isLessThan(200);
            Thread.sleep(20);
        }
    }

    private JsonObject call(WarmPool pool, String tenant) throws Exception {
        ReleaseToRun release = release(tenant);
        pool.expect(release);
        LeaseOutcome outcome = pool.lease(release)
                .outcome()
                .toCompletionStage()
                .toCompletableFuture()
                .get(40, TimeUnit.SECONDS);
        assertThat(outcome).isInstanceOf(LeaseOutcome.Leased.class);
        Lease lease = ((LeaseOutcome.Leased) outcome).lease();
        try {
            Path socket = ((InstanceAddress.UnixSocket) lease.address()).path();
            String answer = ask(socket);
            return new JsonObject(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        } finally {
            lease.end(false);
        }
    }

    private static String ask(Path socket) throws Exception {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap(
                    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static ReleaseToRun release(String tenant) {
        return new ReleaseToRun(
                new ReleaseRef(AppRef.of(tenant, "f"), 1),
                "sha256:f",
                new ProcessSpec(List.of("python3", SHIM, "main.py", "secrets", "http"), Map.of(), "/workspace"),
                Map.of(),
                new AppSpec(
                        AppKind.FUNCTION,
                        EgressPolicy.NONE,
                        Limits.DEFAULTS,
                        Optional.empty(),
                        Optional.empty(),
                        Isolation.REQUEST,
                        Warmth.DEFAULTS));
    }

    private final class Images implements ImageRoots {
        @Override
        public List<Path> layers(String image) {
            return List.of(code, python);
        }

        @Override
        public Optional<GenericRuntime> generic(String image) {
            return Optional.of(new GenericRuntime(
                    "python",
                    List.of(python),
                    new ProcessSpec(List.of("python3", SHIM, "--generic"), Map.of(), "/workspace"),
                    Optional.of(new Zygote(
                            List.of(python), List.of("/usr/bin/python3", "-I", "-u", "-B", SHIM, "--zygote")))));
        }
    }

    private record One(SandboxRuntime runtime) implements RuntimeClasses {
        @Override
        public SandboxRuntime of(Optional<String> name) {
            return runtime;
        }

        @Override
        public List<String> offered() {
            return List.of(runtime.name());
        }

        @Override
        public Map<String, String> orphans() {
            return Map.of();
        }

        @Override
        public void destroyOrphans(Set<String> ids) {}
    }

    private record Nobody() implements PoolListener {
        @Override
        public void instanceChanged(InstanceView instance) {}

        @Override
        public void line(ReleaseRef release, String instanceId, boolean stderr, String line) {}
    }
}
