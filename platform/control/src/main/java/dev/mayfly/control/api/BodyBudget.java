package dev.mayfly.control.api;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.PlatformHandler;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the bodies of all requests may take of the heap together, and how long one may take to arrive. They are read before it is
 * known who asks, so this is what strangers can take. A body counts from its head to the end of the answer, by the length that it
 * declares or else by the most that one may have. Safe from all event loops.
 */
final class BodyBudget implements PlatformHandler {
    /** Of one body. */
    static final long BYTES_MAX = 2L * 1024 * 1024;

    /** Of all together: a sixteenth of the server's heap as {@code ./mayfly up} sets it. */
    static final long ALL_BYTES_MAX = 32L * 1024 * 1024;

    private static final long ARRIVAL_MILLIS_MAX = 30_000;

    private final AtomicLong left = new AtomicLong(ALL_BYTES_MAX);

    @Override
    public void handle(RoutingContext context) {
        long bytes = declared(context.request());
        if (bytes == 0 || bytes > BYTES_MAX) { // The next one refuses what is too long, unread.
            context.next();
            return;
        }
        if (left.addAndGet(-bytes) < 0) {
            left.addAndGet(bytes);
            context.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            context.fail(new MayflyException(
                    ErrorCode.CAPACITY_EXHAUSTED, "too many bodies are on their way already; try again later"));
            return;
        }
        HttpServerRequest request = context.request();
        long late = context.vertx().setTimer(ARRIVAL_MILLIS_MAX, _ -> {
            if (!request.isEnded()) {
                request.connection().close();
            }
        });
        context.addEndHandler(_ -> {
            context.vertx().cancelTimer(late);
            left.addAndGet(bytes);
        });
        context.next();
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
