package dev.mayfly.pool.engine;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.Limits;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Lease;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.Leases;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.contract.LeasesContract;
import dev.mayfly.pool.contract.LeasesSubject;
import dev.mayfly.pool.core.PoolConfig;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** The pool keeps what the gateway relies on, with one place in all and real processes. */
final class WarmPoolLeasesTest extends LeasesContract {
    private static final String PROGRAM = """
        import http.server, os

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/die":
                    os._exit(7)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

        http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
        """;

    @TempDir
    private Path folder;

    @Override
    protected LeasesSubject newSubject() throws Exception {
        Path program = Files.writeString(folder.resolve("app.py"), PROGRAM);
        PoolConfig.Caps d = PoolConfig.Caps.DEFAULTS;
        PoolConfig config = new PoolConfig(
                new PoolConfig.Caps(1, 1, 1, 1, d.memoryMax(), d.tenantMemoryMax(), d.memoryReserve()),
                PoolConfig.Waiting.DEFAULTS,
                PoolConfig.Keeping.DEFAULTS);
        PoolParts parts = new PoolParts(new OnlyProcesses(), _ -> List.of(folder), folder.resolve("run"));
        return new Subject(new WarmPool(config, parts, new Silent(), Clock.systemUTC(), "one"), program);
    }

    private static ReleaseToRun runs(String app, String command) {
        Limits l = Limits.DEFAULTS;
        Limits oneAtATime = new Limits(
                l.memoryMib(),
                l.cpus(),
                l.pids(),
                l.tmpMib(),
                1,
                l.startTimeout(),
                l.idleTimeout(),
                l.requestTimeout());
        AppSpec a = AppSpec.DEFAULTS;
        return new ReleaseToRun(
                new ReleaseRef(AppRef.of("local", app), 1),
                "sha256:0",
                new ProcessSpec(List.of("/bin/sh", "-c", command), Map.of(), "/"),
                Map.of(),
                new AppSpec(a.kind(), a.egress(), oneAtATime, a.healthPath(), a.runtimeClass()));
    }

    private static final class Subject implements LeasesSubject {
        private final WarmPool pool;
        private final ReleaseToRun good;
        private @Nullable Lease filler;

        Subject(WarmPool pool, Path program) {
            this.pool = pool;
            this.good = runs("shop", "exec python3 '" + program + "'");
        }

        @Override
        public Leases leases() {
            return pool;
        }

        @Override
        public ReleaseToRun release() {
            return good;
        }

        @Override
        public ReleaseToRun releaseThatFails() {
            return runs("bad", "exit 3");
        }

        @Override
        public int held() {
            int all = pool.list().stream().mapToInt(InstanceView::active).sum();
            return filler == null ? all : all - 1;
        }

        @Override
        public void fill() throws Exception {
            LeaseOutcome outcome = pool.lease(good)
                    .outcome()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(40, TimeUnit.SECONDS);
            filler = ((LeaseOutcome.Leased) outcome).lease();
        }

        @Override
        public void free() {
            Lease ends = filler;
            filler = null;
            if (ends != null) {
                ends.end(false);
            }
        }

        @Override
        public void kill(Lease lease) throws IOException {
            InstanceAddress.Tcp at = (InstanceAddress.Tcp) lease.address();
            try (Socket socket = new Socket(at.host(), at.port())) {
                socket.getOutputStream()
                        .write("GET /die HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes();
            }
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    private static final class Silent implements PoolListener {
        @Override
        public void instanceChanged(InstanceView instance) {
            // Nobody looks.
        }

        @Override
        public void line(ReleaseRef release, String instanceId, boolean stderr, String line) {
            // Nobody reads.
        }
    }
}
