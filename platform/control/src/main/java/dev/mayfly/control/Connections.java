package dev.mayfly.control;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the connections of people who have not said yet who they are: how many there may be, and how long one may take to ask
 * something, byte by byte or not at all. Who waits for an answer may wait: a change of configuration is answered when a build has
 * ended. Safe from all event loops.
 */
final class Connections implements Handler<HttpConnection>, AutoCloseable {
    private static final int LOOKS = 12;

    private static final class Visit {
        volatile @Nullable HttpServerResponse last;
        int looksWithoutRequest;
    }

    private final Vertx vertx;
    private final int max;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<HttpConnection, Visit> visits = new ConcurrentHashMap<>();
    private final long looking;

    /** @param silence how long a connection may be without a request; a twelfth more at most */
    Connections(Vertx vertx, int max, Duration silence) {
        this.vertx = vertx;
        this.max = max;
        this.looking = vertx.setPeriodic(silence.toMillis() / LOOKS, _ -> look());
    }

    @Override
    public void handle(HttpConnection connection) {
        boolean taken = open.incrementAndGet() <= max;
        visits.put(connection, new Visit());
        connection.closeHandler(_ -> {
            open.decrementAndGet();
            visits.remove(connection);
        });
        if (!taken) {
            connection.close();
        }
    }

    /** Somebody asks something; requests of a connection are answered one after the other. */
    void asks(HttpServerRequest request) {
        Visit visit = visits.get(request.connection());
        if (visit != null) {
            visit.last = request.response();
        }
    }

    private void look() {
        visits.forEach((connection, visit) -> {
            HttpServerResponse last = visit.last;
            boolean waits = last != null && !last.ended();
            visit.looksWithoutRequest = waits ? 0 : visit.looksWithoutRequest + 1;
            if (visit.looksWithoutRequest > LOOKS) {
                connection.close();
            }
        });
    }

    @Override
    public void close() {
        vertx.cancelTimer(looking);
    }
}
