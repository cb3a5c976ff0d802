package dev.mayfly.bench;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
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
 * A sandbox that serves one request and is reaped: its code is a read-only mount, its way in a unix socket in a folder of
 * its own, as functions have it.
 */
final class AnsweringSandbox {
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
        Path own = Files.createDirectory(sockets.resolve("s" + next.incrementAndGet()));
        Files.setAttribute(own, "unix:uid", Workload.UID);
        Path socket = own.resolve("fn.sock");
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        boolean handedOn = runtime.handsOnSockets();
        SandboxSpec.Mount bound = new SandboxSpec.Mount(code, "/workspace", true);
        SandboxSpec spec = workload.spec(
                List.of("/bin/answer"),
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
        Sandbox sandbox = runtime.start(spec);
        try {
            sandbox.exit().thenAccept(exit -> ready.completeExceptionally(new IOException(exit.describe())));
            if (!handedOn) { // Else the connection waits in the socket until the program is there.
                ready.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            ask(socket);
            answered.run();
            SandboxExit exit = Cycle.await(sandbox);
            if (exit.code() != 0) {
                throw new IOException(spec + " ended: " + exit.describe() + " (expected: exit code 0)");
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(spec + " did not get ready: " + e.getMessage(), e);
        } finally {
            Cycle.reap(sandbox);
            Files.deleteIfExists(socket);
            Files.delete(own);
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
