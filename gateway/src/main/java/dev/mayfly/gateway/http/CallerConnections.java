package dev.mayfly.gateway.http;

import dev.mayfly.gateway.instance.ChunkCollector;
import dev.mayfly.gateway.instance.ReadBudget;
import io.netty.channel.Channel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Callers' connections of one event loop. Those that wait for a request are closed after the head timeout if they never
 * sent one, after the keep-alive time otherwise. A connection with a call in it is the call's to time.
 */
public final class CallerConnections {
    private final IdentityHashMap<HttpConnection, CallerConnection> open = new IdentityHashMap<>();
    private final Vertx vertx;
    private final LongSupplier nanos;
    private final int max;
    private final long headNanos;
    private final long keepAliveNanos;

    public CallerConnections(Vertx vertx, LongSupplier nanos, int max, Duration headTimeout, Duration keepAlive) {
        this.vertx = vertx;
        this.nanos = nanos;
        this.max = max;
        this.headNanos = headTimeout.toNanos();
        this.keepAliveNanos = keepAlive.toNanos();
    }

    public void opened(HttpConnection connection) {
        if (open.size() >= max) {
            connection.close();
            return;
        }
        shareTurns(((HttpServerConnection) connection).channelHandlerContext().channel());
        open.put(connection, new CallerConnection(vertx, connection, nanos));
        connection.closeHandler(_ -> open.remove(connection));
    }

    /** One read in each turn, and the chunks of it in one piece: no connection holds up its neighbours. */
    private static void shareTurns(Channel channel) {
        channel.config().setRecvByteBufAllocator(ReadBudget.ofCaller());
        channel.pipeline().addAfter("httpDecoder", "chunks", new ChunkCollector());
    }

    /** The connection of a request. */
    public CallerConnection of(HttpConnection connection) {
        CallerConnection known = open.get(connection);
        return known == null ? new CallerConnection(vertx, connection, nanos) : known;
    }

    /** Closes those that have waited too long. */
    public void tick(long now) {
        List<CallerConnection> late = new ArrayList<>(0);
        for (CallerConnection connection : open.values()) {
            if (connection.late(now, headNanos, keepAliveNanos)) {
                late.add(connection);
            }
        }
        // Only now: a closing connection leaves the map.
        late.forEach(CallerConnection::close);
    }
}
