package dev.mayfly.control.git;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

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

    private final Object going = new Object();
    private @Nullable Runnable whenGone;

    /** To be called on the response's event loop. */
    ResponseBody(HttpServerResponse response) {
        this.response = response;
        response.closeHandler(_ -> clientGone());
    }

    /** Tells when the client goes, or at once if it has gone. */
    void whenClientGone(Runnable tell) {
        synchronized (going) {
            whenGone = tell;
            if (!gone) {
                return;
            }
        }
        tell.run();
    }

    private void clientGone() {
        Runnable tell;
        synchronized (going) {
            gone = true;
            tell = whenGone;
        }
        if (tell != null) {
            tell.run();
        }
    }

    /** The same for a job that may be over before all is written. */
    OutputStream of(GitJob job) {
        ResponseBody all = this;
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                job.check();
                all.write(bytes, offset, length);
            }
        };
    }

    void detach() {
        detached = true;
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
