package dev.mayfly.gateway.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;

/** One open connection of a caller. Confined to its event loop. */
public final class CallerConnection {
    private static final long LINGER_MILLIS = 1_000;

    private final Vertx vertx;
    private final HttpConnection connection;
    private long idleSince = System.nanoTime();
    private int calls;
    private boolean used;
    private boolean closing;

    CallerConnection(Vertx vertx, HttpConnection connection) {
        this.vertx = vertx;
        this.connection = connection;
    }

    public void callBegins() {
        calls++;
        used = true;
    }

    public void callEnds() {
        calls--;
        idleSince = System.nanoTime();
    }

    /** Whether it has been given up. What still arrives may be the rest of a refused body and is no request. */
    public boolean closing() {
        return closing;
    }

    boolean late(long now, long headNanos, long keepAliveNanos) {
        return calls == 0 && now - idleSince > (used ? keepAliveNanos : headNanos);
    }

    public void close() {
        closing = true;
        connection.close();
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
            connection.close();
            return;
        }
        long timer = vertx.setTimer(LINGER_MILLIS, _ -> connection.close());
        request.handler(null).exceptionHandler(_ -> {});
        request.endHandler(_ -> {
            vertx.cancelTimer(timer);
            connection.close();
        });
        request.resume();
    }
}
