package dev.mayfly.control.git;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A request's body as a blocking stream, one buffer at a time. Made on the event loop, read on another thread. */
final class RequestBody extends InputStream {
    private static final int SECONDS_MAX = 60;
    private static final Object END = new Object();

    private final HttpServerRequest request;
    /** A buffer, the end, or what broke it. Never more than one buffer is asked for. */
    private final BlockingQueue<Object> arrived = new ArrayBlockingQueue<>(4);

    private byte[] current = {};
    private int at;
    private boolean ended;

    RequestBody(HttpServerRequest request) {
        this.request = request;
        request.pause();
        request.handler(buffer -> arrived.add(buffer));
        request.endHandler(_ -> arrived.add(END));
        request.exceptionHandler(failure -> arrived.add(failure));
    }

    @Override
    public int read() throws IOException {
        return fill() ? current[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, current.length - at);
        System.arraycopy(current, at, target, offset, count);
        at += count;
        return count;
    }

    private boolean fill() throws IOException {
        while (!ended && at == current.length) {
            request.fetch(1);
            Object next;
            try {
                next = arrived.poll(SECONDS_MAX, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("cancelled");
            }
            switch (next) {
                case Buffer buffer -> {
                    current = buffer.getBytes();
                    at = 0;
                }
                case Throwable failure ->
                    throw (IOException) new InterruptedIOException("the client has gone").initCause(failure);
                case null -> throw new InterruptedIOException("the client sent nothing for " + SECONDS_MAX + " s");
                default -> ended = true;
            }
        }
        return !ended;
    }
}
