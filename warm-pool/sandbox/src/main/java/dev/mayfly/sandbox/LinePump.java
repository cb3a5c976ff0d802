package dev.mayfly.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Cuts a stream into lines. It reads only as fast as its consumer takes them, so a program that prints without end is slowed
 * down by its own full pipe and nobody's memory grows.
 */
public final class LinePump {
    private static final int STACK_BYTES = 256 * 1024;

    private LinePump() {}

    /**
     * Pumps on a thread of its own until the stream ends, no faster than the limit; the future then completes. Not a virtual one: reading from a pipe
     * holds its carrier, and as many silent programs as there are processors would stop every other virtual thread.
     */
    public static CompletableFuture<Void> start(InputStream in, OutputLimit limit, Consumer<String> lines) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("lines").stackSize(STACK_BYTES).start(() -> {
            try (in) {
                pump(in, limit, lines);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // Nobody does: the thread is nobody else's.
            } catch (IOException e) {
                // The other side is gone: the end of the stream by another name.
            } finally {
                done.complete(null);
            }
        });
        return done;
    }

    private static void pump(InputStream in, OutputLimit limit, Consumer<String> lines)
            throws IOException, InterruptedException {
        byte[] buffer = new byte[LineCutter.LINE_BYTES_MAX];
        LineCutter cutter = new LineCutter(lines);
        for (int read; (read = in.read(buffer)) >= 0; ) {
            cutter.feed(buffer, 0, read);
            limit.passed(read);
        }
        cutter.end();
    }
}
