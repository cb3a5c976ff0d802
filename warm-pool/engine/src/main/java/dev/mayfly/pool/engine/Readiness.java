package dev.mayfly.pool.engine;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.sandbox.SandboxExit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Waits until an instance can serve. Web: its port accepts and, if the release names one, its health path answers below
 * 300: where a redirect leads says nothing of this instance. Function: the shim answers that the handler is loaded. An open
 * port alone is never ready where more can be asked.
 */
final class Readiness {
    private static final String SHIM_PATH = "/_mayfly/ready";
    private static final Pattern CHUNKED = Pattern.compile("(?im)^transfer-encoding:\\s*chunked\\s*$");
    private static final int REDIRECT = 300;
    private static final int ERROR = 400;
    private static final long PAUSE_MIN_MS = 1;
    private static final long PAUSE_MAX_MS = 20;
    private static final int ANSWER_BYTES_MAX = 16 * 1024;

    private Readiness() {}

    /** Blocks until ready or hopeless; empty means ready. */
    static Optional<SandboxStarter.Failure> await(
            ReleaseToRun release, InstanceAddress address, CompletableFuture<SandboxExit> exit)
            throws InterruptedException {
        Duration limit = release.spec().limits().startTimeout();
        long deadline = System.nanoTime() + limit.toNanos();
        boolean function = release.spec().kind() == AppKind.FUNCTION;
        Optional<String> path =
                function ? Optional.of(SHIM_PATH) : release.spec().healthPath();
        String last = function
                ? "its shim does not listen"
                : "it does not listen on port " + SandboxStarter.WEB_PORT + " ($PORT)";
        for (long pause = PAUSE_MIN_MS; ; pause = Math.min(PAUSE_MAX_MS, pause * 2)) {
            if (exit.isDone() && exit.join().cause() == SandboxExit.Cause.RUNTIME_LOST) {
                return Optional.of(SandboxStarter.Failure.PLATFORM);
            }
            if (exit.isDone()) {
                return Optional.of(new SandboxStarter.Failure(
                        ErrorCode.START_FAILED,
                        "it ended before it was ready: " + exit.join().describe()));
            }
            try {
                Answer answer = ask(address, path, deadline - System.nanoTime());
                if (answer.status() < REDIRECT) {
                    return Optional.empty();
                }
                last = path.orElse("") + " answers " + answer.status()
                        + (answer.status() < ERROR ? " (health-path, expected: below 300, without a redirect)" : "")
                        + ": " + answer.body().strip();
                if (function) {
                    return Optional.of(new SandboxStarter.Failure(
                            ErrorCode.START_FAILED,
                            "the handler cannot be loaded: " + answer.body().strip()));
                }
            } catch (IOException e) {
                // Not listening yet, or not answering yet: what was seen last is told in the end.
                pause = Math.max(pause, PAUSE_MIN_MS);
            }
            if (System.nanoTime() - deadline > 0) {
                return Optional.of(new SandboxStarter.Failure(
                        ErrorCode.START_TIMEOUT,
                        "not ready after " + limit.toMillis() + " ms (start-timeout): " + last));
            }
            Thread.sleep(pause);
        }
    }

    private record Answer(int status, String body) {}

    /** An instance that takes the question and never answers must not hold us beyond the start's limit. */
    private static Answer ask(InstanceAddress address, Optional<String> path, long nanos) throws IOException {
        SocketChannel channel = connect(address);
        Thread guard = Thread.ofVirtual().name("ready-limit").start(() -> closeAfter(channel, nanos));
        try (channel) {
            if (path.isEmpty()) {
                return new Answer(200, "");
            }
            String request = "GET " + path.get()
                    + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: mayfly-ready\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            byte[] buffer = new byte[4_096];
            var in = Channels.newInputStream(channel);
            for (int read; answer.size() < ANSWER_BYTES_MAX && (read = in.read(buffer)) >= 0; ) {
                answer.write(buffer, 0, read);
            }
            return parse(answer.toString(StandardCharsets.UTF_8));
        } finally {
            guard.interrupt();
        }
    }

    private static void closeAfter(SocketChannel channel, long nanos) {
        try {
            Thread.sleep(Duration.ofNanos(Math.max(1, nanos)));
            channel.close();
        } catch (InterruptedException | IOException e) {
            Thread.currentThread().interrupt(); // It was answered in time.
        }
    }

    private static Answer parse(String text) throws IOException {
        String[] parts = text.split(" ", 3);
        if (!text.startsWith("HTTP/1.") || parts.length < 2) {
            throw new IOException("not an HTTP answer");
        }
        int end = text.indexOf("\r\n\r\n");
        String body = end < 0 ? "" : text.substring(end + 4);
        boolean chunked = end > 0 && CHUNKED.matcher(text.substring(0, end)).find();
        return new Answer(Integer.parseInt(parts[1].strip()), chunked ? firstChunk(body) : body);
    }

    /** For a person to read: the first says enough. */
    private static String firstChunk(String body) {
        int line = body.indexOf("\r\n");
        String size = line < 0 ? "" : body.substring(0, line).strip();
        if (!size.matches("[0-9a-fA-F]{1,5}")) {
            return body;
        }
        int begin = line + 2;
        return body.substring(begin, Math.min(body.length(), begin + Integer.parseInt(size, 16)));
    }

    private static SocketChannel connect(InstanceAddress address) throws IOException {
        SocketAddress target = switch (address) {
            case InstanceAddress.Tcp(String host, int port) -> new InetSocketAddress(host, port);
            case InstanceAddress.UnixSocket(var path) -> UnixDomainSocketAddress.of(path);
        };
        SocketChannel channel = target instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
        try {
            channel.connect(target);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }
}
