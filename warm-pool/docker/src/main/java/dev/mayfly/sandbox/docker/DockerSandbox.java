package dev.mayfly.sandbox.docker;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.LineCutter;
import dev.mayfly.sandbox.OutputLimit;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.network.Network;
import io.vertx.core.json.JsonObject;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One sandbox of a Docker Engine: the container that holds its network and the one of its program. */
final class DockerSandbox implements Sandbox {
    private static final Logger log = LoggerFactory.getLogger(DockerSandbox.class);
    private static final int KILLED = 128 + 9;
    private static final int FRAME_HEAD = 8;
    private static final int STDERR = 2;

    private final DockerRuntime runtime;
    private final DockerApi api;
    private final SandboxSpec spec;
    private final Network network;
    private final List<String> containers = new ArrayList<>();
    private final CompletableFuture<SandboxExit> exit = new CompletableFuture<>();
    private volatile String program = "";
    private volatile boolean killed;
    private boolean destroyed;

    DockerSandbox(DockerRuntime runtime, DockerApi api, SandboxSpec spec, Network network) {
        this.runtime = runtime;
        this.api = api;
        this.spec = spec;
        this.network = network;
    }

    /** Another container is part of it. */
    void holds(String container) {
        containers.add(container);
    }

    /** Starts the program's container; not a line of what it prints is missed. */
    void start(String container) throws IOException {
        containers.add(container);
        program = container;
        InputStream attached = api.attach(container);
        CompletableFuture<Void> output = pump(attached);
        try {
            api.demand(ErrorCode.START_FAILED, "POST", path("/start"), null);
        } catch (MayflyException e) {
            attached.close();
            throw e;
        }
        Thread.ofVirtual().name("docker-" + spec.id()).start(() -> awaitEnd(output));
    }

    private void awaitEnd(CompletableFuture<Void> output) {
        SandboxExit end;
        try {
            int code = api.await("POST", path("/wait")).json().getInteger("StatusCode", KILLED);
            end = new SandboxExit(code, cause(code));
        } catch (IOException | RuntimeException e) {
            log.atWarn().addKeyValue("sandbox", spec.id()).setCause(e).log("Lost sight of a container");
            end = new SandboxExit(KILLED, SandboxExit.Cause.RUNTIME_LOST);
        }
        SandboxExit told = end;
        output.orTimeout(1, TimeUnit.SECONDS).handle((_, _) -> exit.complete(told));
    }

    private SandboxExit.Cause cause(int code) {
        if (killed || code == 0) {
            return SandboxExit.Cause.ENDED;
        }
        DockerApi.Answer inspected = api.call("GET", path("/json"), null);
        boolean counted =
                inspected.ok() && inspected.json().getJsonObject("State").getBoolean("OOMKilled", false);
        // Nobody else than the kernel's out-of-memory killer can kill the first process, and we say so before we do.
        return counted || code == KILLED ? SandboxExit.Cause.OOM_KILLED : SandboxExit.Cause.ENDED;
    }

    /**
     * Both streams come in one, in frames: kind, three zeros, length, bytes. The daemon keeps about a megabyte that was not read;
     * then the program waits.
     */
    private CompletableFuture<Void> pump(InputStream in) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        LineCutter out = new LineCutter(line -> spec.output().accept(false, line));
        LineCutter err = new LineCutter(line -> spec.output().accept(true, line));
        Thread.ofVirtual().name("lines-" + spec.id()).start(() -> {
            byte[] buffer = new byte[16 * 1024];
            OutputLimit limit = new OutputLimit();
            try (in) {
                byte[] head = in.readNBytes(FRAME_HEAD);
                while (head.length == FRAME_HEAD) {
                    frame(
                            in,
                            ByteBuffer.wrap(head).getInt(FRAME_HEAD / 2),
                            head[0] == STDERR ? err : out,
                            limit,
                            buffer);
                    head = in.readNBytes(FRAME_HEAD);
                }
            } catch (IOException e) {
                log.atDebug().addKeyValue("sandbox", spec.id()).setCause(e).log("The end of a container's output");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                out.end();
                err.end();
                done.complete(null);
            }
        });
        return done;
    }

    private static void frame(InputStream in, int length, LineCutter lines, OutputLimit limit, byte[] buffer)
            throws IOException, InterruptedException {
        for (int left = length; left > 0; ) {
            int read = in.read(buffer, 0, Math.min(left, buffer.length));
            if (read < 0) {
                throw new EOFException("in the middle of a frame");
            }
            lines.feed(buffer, 0, read);
            limit.passed(read);
            left -= read;
        }
    }

    @Override
    public String id() {
        return spec.id();
    }

    @Override
    public Optional<String> address() {
        return Optional.of(network.address());
    }

    @Override
    public CompletableFuture<SandboxExit> exit() {
        return exit.copy();
    }

    @Override
    public void terminate() {
        api.call("POST", path("/kill?signal=TERM"), null);
    }

    @Override
    public void freeze() {
        api.demand(ErrorCode.INTERNAL, "POST", path("/pause"), null);
    }

    @Override
    public void thaw() {
        api.demand(ErrorCode.INTERNAL, "POST", path("/unpause"), null);
    }

    @Override
    public SandboxUsage usage() {
        JsonObject stats = api.demand(ErrorCode.INTERNAL, "GET", path("/stats?stream=false&one-shot=true"), null)
                .json();
        JsonObject memory = stats.getJsonObject("memory_stats", new JsonObject());
        long now = memory.getLong("usage", 0L);
        return new SandboxUsage(
                Duration.ofNanos(stats.getJsonObject("cpu_stats")
                        .getJsonObject("cpu_usage")
                        .getLong("total_usage", 0L)),
                now,
                Math.max(now, memory.getLong("max_usage", 0L)),
                stats.getJsonObject("pids_stats", new JsonObject()).getInteger("current", 0));
    }

    private String path(String what) {
        return "/containers/" + program + what;
    }

    @Override
    public synchronized List<String> destroy() throws InterruptedException {
        if (destroyed) {
            return runtime.leftovers(spec.id(), containers);
        }
        try {
            return end();
        } catch (RuntimeException | InterruptedException | Error e) {
            runtime.abandon(spec.id());
            throw e;
        }
    }

    private List<String> end() throws InterruptedException {
        killed = true;
        Consumer<String> remove = container -> api.call("DELETE", "/containers/" + container + "?force=1&v=1", null);
        containers.reversed().forEach(remove);
        List<String> left = runtime.cleanUp(spec, network, containers);
        destroyed = true;
        return left;
    }
}
