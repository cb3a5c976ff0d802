package dev.mayfly.bench.sandbox;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A sandbox that serves requests, mostly one, and is reaped: its code is a read-only mount, its way in a unix socket in a folder of
 * its own, as functions have it.
 */
public final class AnsweringSandbox {
    private static final byte[] REQUEST = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final String CODE = "the code that was bound";
    private static final int ANSWER_BYTES_MAX = 1_024;
    private static final int LIMIT_SECONDS = 60;

    private final Workload workload;
    private final Path code;
    private final Path sockets;
    private final AtomicLong next = new AtomicLong();

    AnsweringSandbox(Path folder, Workload workload) throws IOException {
        this.workload = workload;
        this.code = Files.createDirectory(folder.resolve("code"));
        this.sockets = Files.createDirectory(folder.resolve("sockets"));
        Files.writeString(code.resolve("code.txt"), CODE);
    }

    /** @param answered called when the answer is there, before the sandbox is reaped */
    void serveOnce(SandboxRuntime runtime, Runnable answered) throws IOException, InterruptedException {
        try (Running running = start(runtime, List.of("/bin/answer"))) {
            running.ask();
            answered.run();
            SandboxExit exit = Cycle.await(running.sandbox);
            if (exit.code() != 0) {
                throw new IOException(running.sandbox.id() + " ended: " + exit.describe() + " (expected: exit code 0)");
            }
        }
    }

    /** Starts one that can be asked when this returns. */
    Running start(SandboxRuntime runtime, List<String> argv) throws IOException, InterruptedException {
        Path own = Files.createDirectory(sockets.resolve("s" + next.incrementAndGet()));
        Files.setAttribute(own, "unix:uid", Workload.UID);
        Path socket = own.resolve("fn.sock");
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        boolean handedOn = runtime.handsOnSockets();
        SandboxSpec.Mount bound = new SandboxSpec.Mount(code, "/workspace", true);
        SandboxSpec spec = workload.spec(
                argv,
                Map.of("MAYFLY_SOCKET", "/run/mayfly/fn.sock", "CODE", "/workspace/code.txt"),
                handedOn ? List.of(bound) : List.of(bound, new SandboxSpec.Mount(own, "/run/mayfly", false)),
                EgressPolicy.OPEN,
                handedOn ? Optional.of(socket) : Optional.empty(),
                (error, line) -> {
                    if (error) {
                        ready.completeExceptionally(new IOException("the program says: " + line));
                    } else {
                        ready.complete(true);
                    }
                });
        Running running = new Running(runtime.start(spec), own, socket);
        try {
            running.sandbox.exit().thenAccept(exit -> ready.completeExceptionally(new IOException(exit.describe())));
            if (!handedOn) { // Else the connection waits in the socket until the program is there.
                ready.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            return running;
        } catch (ExecutionException | TimeoutException e) {
            running.close();
            throw new IOException(spec + " did not get ready: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            running.close();
            throw e;
        }
    }

    /** One that was started; closing it reaps it. */
    static final class Running implements AutoCloseable {
        private final Sandbox sandbox;
        private final Path folder;
        private final Path socket;

        private Running(Sandbox sandbox, Path folder, Path socket) {
            this.sandbox = sandbox;
            this.folder = folder;
            this.socket = socket;
        }

        /** @throws IOException without the right answer */
        void ask() throws IOException {
            AnsweringSandbox.ask(socket);
        }

        /** Ends it; what is left is seen when it is closed. Returns false. */
        boolean end() {
            try {
                sandbox.destroy();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return false;
        }

        @Override
        public void close() throws IOException {
            try {
                Cycle.reap(sandbox);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("while sandbox " + sandbox.id() + " was reaped");
            } finally {
                Files.deleteIfExists(socket);
                Files.deleteIfExists(folder);
            }
        }
    }

    private static void ask(Path socket) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(ANSWER_BYTES_MAX);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(ByteBuffer.wrap(REQUEST));
            while (answer.hasRemaining() && channel.read(answer) >= 0) {
                // To the end: the program closes after its answer.
            }
        }
        String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        if (!text.startsWith("HTTP/1.1 200 ") || !text.endsWith(CODE)) {
            throw new IOException("answered '" + text + "' (expected: 200 with what the bound file holds)");
        }
    }
}
