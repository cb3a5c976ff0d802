package dev.mayfly.gateway.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.function.LongSupplier;

/** One open connection of a caller. Confined to its event loop. */
public final class CallerConnection {
    private static final long LINGER_MILLIS = 1_000;

    private final Vertx vertx;
    private final HttpConnection connection;
    private final LongSupplier nanos;
    private long idleSince;
    private int calls;
    private boolean used;
    private boolean closing;

    CallerConnection(Vertx vertx, HttpConnection connection, LongSupplier nanos) {
        this.vertx = vertx;
        this.connection = connection;
        this.nanos = nanos;
        this.idleSince = nanos.getAsLong();
    }

    public void callBegins() {
        calls++;
        used = true;
    }

    public void callEnds() {
        calls--;
        idleSince = nanos.getAsLong();
    }

    /** Whether it has been given up. What still arrives may be the rest of a refused body and is no request. */
    public boolean closing() {
        return closing;
    }

    boolean late(long now, long headNanos, long keepAliveNanos) {
        return !closing && calls == 0 && now - idleSince > (used ? keepAliveNanos : headNanos);
    }

    /** Closes when what was written has left, or after a moment: a caller that takes nothing must not keep it. */
    public void close() {
        closing = true;
        connection.close();
        vertx.setTimer(LINGER_MILLIS, _ -> cut());
    }

    /** Sends now what has been written. */
    public void flush() {
        ((HttpServerConnection) connection).channelHandlerContext().flush();
    }

    /** Closes now, whatever is still to leave: the caller sees that it is not whole. */
    public void cut() {
        closing = true;
        // Vert.x' own close and reset wait until everything has left, which a caller can put off for ever.
        ((HttpServerConnection) connection).channelHandlerContext().close();
    }

    /**
     * Reads and forgets for a moment what still comes, then closes. Closing with unread bytes would reset the connection,
     * and the caller would lose the answer.
     */
    public void closeSoon(HttpServerRequest request) {
        if (closing) {
            return;
        }
        closing = true;
        if (request.isEnded()) {
            close();
            return;
        }
        long timer = vertx.setTimer(LINGER_MILLIS, _ -> cut());
        request.handler(null).exceptionHandler(_ -> {});
        request.endHandler(_ -> {
            vertx.cancelTimer(timer);
            close();
        });
        request.resume();
    }
}
