package dev.mayfly.gateway.forward;

import dev.mayfly.pool.api.StartKind;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What an answer to a call says of the call: what it met, who answered, and where the time went. */
final class AnswerMarks {
    private static final CharSequence MAYFLY_START = HttpHeaders.createOptimized("mayfly-start");
    private static final CharSequence MAYFLY_INSTANCE = HttpHeaders.createOptimized("mayfly-instance");
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("server-timing");
    private static final Map<StartKind, CharSequence> START_KINDS = Arrays.stream(StartKind.values())
            .collect(Collectors.toUnmodifiableMap(kind -> kind, kind -> HttpHeaders.createOptimized(kind.wireName())));

    private AnswerMarks() {}

    /** On an app's answer. */
    static void ofAnswer(Call call, String instance) {
        MultiMap headers = call.response.headers();
        mark(call, headers, instance);
        headers.set(REQUEST_ID, call.requestId);
    }

    /** On Mayfly's own answer, which bears the request's id anyway. */
    static void ofFailure(Call call, @Nullable String instance) {
        mark(call, call.response.headers(), instance);
    }

    private static void mark(Call call, MultiMap headers, @Nullable String instance) {
        StartKind start = call.timings.start();
        if (start != null) {
            headers.set(MAYFLY_START, START_KINDS.get(start));
        }
        headers.add(SERVER_TIMING, call.timings.serverTiming(call.calls.now()));
        if (instance != null) {
            headers.set(MAYFLY_INSTANCE, instance);
        }
    }
}
