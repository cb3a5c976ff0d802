package dev.mayfly.gateway.instance;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.buffer.Buffer;

/**
 * Hears an exchange out, on its event loop: {@code (head body* end)}, or {@link #broken} at any point of it and then nothing
 * more. After {@link Exchange#leave}, {@link Exchange#close} or the end nothing comes at all.
 */
public interface AnswerListener {
    /** Status and fields of the answer; informational ones (100, 103) are not told. */
    void head(HttpResponse head);

    /** Some of the body. What had been read when the exchange was paused still comes: at most {@link ReadBudget#BYTES}. */
    void body(Buffer chunk);

    /** The answer is whole, and the connection has been kept or closed. */
    void end(HttpHeaders trailers);

    /** More of the request may be written. */
    void drained();

    /** The instance closed the connection before its answer was whole, or sent what is no HTTP/1.1. */
    void broken(Throwable cause);
}
