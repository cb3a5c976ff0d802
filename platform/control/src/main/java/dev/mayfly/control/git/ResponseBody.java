package dev.mayfly.control.git;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A response's body as a blocking stream. Each write goes out whole, so that a sign of life never lands inside a packet.
 * Once the client has gone, writes are either refused or, in detached mode, forgotten.
 */
final class ResponseBody extends OutputStream {
    private static final int SECONDS_MAX = 60;

    private final HttpServerResponse response;
    private volatile boolean gone;
    private volatile boolean detached;
    private volatile boolean started;
    private volatile long lastWrite = System.nanoTime();

    ResponseBody(HttpServerResponse response) {
        this.response = response;
    }

    void detach() {
        detached = true;
    }

    boolean detached() {
        return detached;
    }

    void clientGone() {
        gone = true;
    }

    /** Whether anything was written. */
    boolean started() {
        return started;
    }

    long silentNanos() {
        return System.nanoTime() - lastWrite;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
        if (gone) {
            if (detached) {
                return;
            }
            throw new IOException("the client has gone");
        }
        lastWrite = System.nanoTime();
        started = true;
        try {
            response.write(Buffer.buffer().appendBytes(bytes, offset, length))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("cancelled", e);
        } catch (ExecutionException | TimeoutException e) {
            gone = true;
            if (!detached) {
                throw new IOException("the client has gone", e);
            }
        }
    }
}
