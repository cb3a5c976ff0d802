package dev.mayfly.control;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import java.util.concurrent.atomic.AtomicInteger;

/** Closes connections above a number, as each takes memory before anybody has said who they are. Safe from all event loops. */
final class Connections implements Handler<HttpConnection> {
    private final int max;
    private final AtomicInteger open = new AtomicInteger();

    Connections(int max) {
        this.max = max;
    }

    @Override
    public void handle(HttpConnection connection) {
        boolean taken = open.incrementAndGet() <= max;
        connection.closeHandler(_ -> open.decrementAndGet());
        if (!taken) {
            connection.close();
        }
    }
}
