package dev.mayfly.control.api;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.PlatformHandler;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the bodies of requests may take of the heap together, and how long one may take to arrive. A small one, as whoever signs in
 * sends it, is taken from anybody. For a larger one it is found out first who asks, unread: strangers do not use up the room of those
 * who may come in, nor one of these the room of all. A body counts from its head to the end of the answer, by the length that it
 * declares or else by the most that one may have. Safe from all event loops.
 */
final class BodyBudget implements PlatformHandler {
    /** Of one body. */
    static final long BYTES_MAX = 2L * 1024 * 1024;

    /** Of all larger ones together: a sixteenth of the server's heap as {@code ./mayfly up} sets it. */
    static final long ALL_BYTES_MAX = 32L * 1024 * 1024;

    /** Of the larger ones of one person or token. */
    static final long OWN_BYTES_MAX = ALL_BYTES_MAX / 4;

    /** Of those that are taken from anybody: all connections together send less than the larger ones. */
    static final long SMALL_BYTES_MAX = 8 * 1024;

    private static final long ARRIVAL_MILLIS_MAX = 30_000;
    private static final int ASKED_AT_ONCE_MAX = 50;

    private final Gate gate;
    private final AtomicLong all = new AtomicLong();
    private final Map<String, Long> own = new ConcurrentHashMap<>();
    private final Semaphore askers = new Semaphore(ASKED_AT_ONCE_MAX);

    BodyBudget(Gate gate) {
        this.gate = gate;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        long bytes = declared(request);
        if (bytes == 0 || bytes > BYTES_MAX) { // The next one refuses what is too long, unread.
            context.next();
            return;
        }
        long late = context.vertx().setTimer(ARRIVAL_MILLIS_MAX, _ -> {
            if (!request.isEnded()) {
                request.connection().close();
            }
        });
        context.addEndHandler(_ -> context.vertx().cancelTimer(late));
        if (bytes <= SMALL_BYTES_MAX) {
            context.next();
        } else {
            letIn(context, bytes);
        }
    }

    private void letIn(RoutingContext context, long bytes) {
        if (!askers.tryAcquire()) {
            refuse(context, full());
            return;
        }
        context.request().pause();
        Context loop = context.vertx().getOrCreateContext();
        Thread.ofVirtual().name("api").start(() -> {
            try {
                String who = gate.enter(context.request()).name();
                loop.runOnContext(_ -> take(context, who, bytes));
            } catch (RuntimeException e) {
                loop.runOnContext(_ -> refuse(context, e));
            } finally {
                askers.release();
            }
        });
    }

    private void take(RoutingContext context, String who, long bytes) {
        if (context.response().closed()) {
            return; // Nobody would tell its end any more.
        }
        if (!add(who, bytes)) {
            refuse(context, full());
            return;
        }
        context.addEndHandler(_ -> add(who, -bytes));
        context.request().resume();
        context.next();
    }

    private boolean add(String who, long bytes) {
        if (all.addAndGet(bytes) > ALL_BYTES_MAX && bytes > 0) {
            all.addAndGet(-bytes);
            return false;
        }
        Long now = own.merge(who, bytes, (before, more) -> before + more == 0 ? null : Long.valueOf(before + more));
        if (now != null && now > OWN_BYTES_MAX && bytes > 0) {
            add(who, -bytes);
            return false;
        }
        return true;
    }

    private static MayflyException full() {
        return new MayflyException(
                ErrorCode.CAPACITY_EXHAUSTED, "too many bodies are on their way already; try again later");
    }

    /** The body stays unread, so the connection ends. */
    private static void refuse(RoutingContext context, RuntimeException why) {
        context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        context.addEndHandler(_ -> context.request().connection().close());
        context.request().resume();
        context.fail(why);
    }

    private static long declared(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            return request.headers().contains(HttpHeaders.TRANSFER_ENCODING) ? BYTES_MAX : 0;
        }
        try {
            return Long.parseLong(length);
        } catch (NumberFormatException e) {
            return BYTES_MAX; // The decoder refuses it before this; if it did not, it would count.
        }
    }
}
