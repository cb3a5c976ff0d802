package dev.mayfly.control.live;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One follower over server-sent events (HTML Living Standard, "Server-sent events"). Who reads too slowly loses events and is
 * told so by {@code event: gap} once it reads again: it should ask for the state anew. All of it runs on the request's event
 * loop.
 */
public final class EventStream {
    private static final long HEARTBEAT_MILLIS = 15_000;
    private static final int FOLLOWERS_MAX = 1_000;
    private static final String GAP = "event: gap\ndata: {}\n\n";

    private final HttpServerResponse response;
    private boolean dropped;

    private EventStream(HttpServerResponse response) {
        this.response = response;
    }

    /** Whether there is a place for one more. */
    public static boolean hasPlace(EventHub hub) {
        return hub.followers() < FOLLOWERS_MAX;
    }

    /**
     * Takes the request over.
     *
     * @param stillAllowed asked at every heartbeat on a thread that may block; the stream ends once it says no
     */
    public static void open(
            Vertx vertx,
            EventHub hub,
            EventHub.Filter filter,
            HttpServerRequest request,
            BooleanSupplier stillAllowed) {
        HttpServerResponse response = request.response();
        if (response.closed()) {
            return; // Gone while it was checked: nothing would ever end the following.
        }
        response.setChunked(true)
                .putHeader("content-type", "text/event-stream")
                .putHeader("cache-control", "no-store")
                .putHeader("x-accel-buffering", "no");
        EventStream stream = new EventStream(response);
        Context context = vertx.getOrCreateContext();
        // Events run on this context after this method: what was missed is written before them.
        EventHub.Following following = hub.follow(
                filter,
                Optional.ofNullable(request.getHeader("last-event-id")),
                event -> context.runOnContext(_ -> stream.send(event)));
        long heartbeat = vertx.setPeriodic(HEARTBEAT_MILLIS, _ -> {
            response.write(": alive\n\n");
            Thread.ofVirtual().name("stream-check").start(() -> {
                if (!stillAllowed.getAsBoolean()) {
                    response.end();
                }
            });
        });
        response.endHandler(_ -> end(vertx, heartbeat, following));
        response.closeHandler(_ -> end(vertx, heartbeat, following));
        stream.begin(following);
    }

    private static void end(Vertx vertx, long heartbeat, EventHub.Following following) {
        vertx.cancelTimer(heartbeat);
        try {
            following.handle().close();
        } catch (Exception e) {
            throw new IllegalStateException("ending a subscription does not fail", e);
        }
    }

    /** An id from the first moment on: who loses the connection before any event can still ask for what came meanwhile. */
    private void begin(EventHub.Following following) {
        response.write("retry: 2000\n\n");
        if (following.missed().isEmpty()) {
            response.write("id: " + following.newest() + "\n" + GAP);
            return;
        }
        following.missed().get().forEach(event -> response.write(text(event.id(), event.event())));
        response.write("id: " + following.newest() + "\n\n");
    }

    private void send(EventHub.Numbered event) {
        if (response.closed() || response.ended() || dropped) {
            return;
        }
        if (response.writeQueueFull()) {
            dropped = true;
            response.drainHandler(_ -> {
                dropped = false;
                response.write(GAP);
            });
            return;
        }
        response.write(text(event.id(), event.event()));
    }

    private static String text(String id, Occurrence event) {
        return "id: " + id + "\nevent: " + event.type().wireName() + "\ndata: " + event.json() + "\n\n";
    }
}
