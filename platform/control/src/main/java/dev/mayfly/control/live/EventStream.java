package dev.mayfly.control.live;

import dev.mayfly.model.LiveEvent;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/**
 * One follower over server-sent events (HTML Living Standard, "Server-sent events"). Who reads too slowly loses events and is
 * told so by {@code event: gap}: it should ask for the state anew.
 */
public final class EventStream {
    private static final long HEARTBEAT_MILLIS = 15_000;
    private static final int FOLLOWERS_MAX = 1_000;

    private EventStream() {}

    /** Takes the request over. On its event loop. */
    public static void open(Vertx vertx, EventHub hub, EventHub.Filter filter, HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (hub.followers() >= FOLLOWERS_MAX) {
            response.setStatusCode(503).putHeader("retry-after", "5").end();
            return;
        }
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-store")
                .putHeader("x-accel-buffering", "no");
        Optional<String> lastSeen = Optional.ofNullable(request.getHeader("last-event-id"));
        response.write("retry: 2000\n\n");
        lastSeen.ifPresent(id -> replay(hub, filter, response, id));
        Context context = vertx.getOrCreateContext();
        boolean[] dropped = {false};
        AutoCloseable following =
                hub.follow(filter, event -> context.runOnContext(_ -> send(response, event, dropped)));
        long heartbeat = vertx.setPeriodic(HEARTBEAT_MILLIS, _ -> response.write(": alive\n\n"));
        response.closeHandler(_ -> {
            vertx.cancelTimer(heartbeat);
            try {
                following.close();
            } catch (Exception e) {
                throw new IllegalStateException("ending a subscription does not fail", e);
            }
        });
    }

    private static void replay(EventHub hub, EventHub.Filter filter, HttpServerResponse response, String id) {
        Optional<List<LiveEvent>> missed = hub.since(id, filter);
        if (missed.isEmpty()) {
            response.write("event: gap\nid: " + hub.newest() + "\ndata: {}\n\n");
            return;
        }
        missed.get().forEach(event -> response.write(text(hub.newest(), event)));
    }

    private static void send(HttpServerResponse response, EventHub.Numbered event, boolean[] dropped) {
        if (response.closed() || response.ended()) {
            return;
        }
        if (response.writeQueueFull()) {
            dropped[0] = true;
            return;
        }
        if (dropped[0]) {
            dropped[0] = false;
            response.write("event: gap\ndata: {}\n\n");
        }
        response.write(text(event.id(), event.event()));
    }

    private static String text(String id, LiveEvent event) {
        JsonObject data = new JsonObject()
                .put("tenant", event.tenant())
                .put("app", event.app())
                .put("type", event.type())
                .put("at", event.at().toString())
                .put("data", event.data());
        return "id: " + id + "\nevent: " + event.type() + "\ndata: " + data.encode() + "\n\n";
    }
}
