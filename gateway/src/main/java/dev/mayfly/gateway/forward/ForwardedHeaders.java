package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.http.RequestHead;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** What Mayfly says to an instance about the caller. Callers' own such fields never get here. */
final class ForwardedHeaders {
    private static final CharSequence X_FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");
    private static final CharSequence X_FORWARDED_PROTO = HttpHeaders.createOptimized("x-forwarded-proto");
    private static final CharSequence X_FORWARDED_HOST = HttpHeaders.createOptimized("x-forwarded-host");
    private static final CharSequence FORWARDED = HttpHeaders.createOptimized("forwarded");
    private static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final CharSequence TRACEPARENT = HttpHeaders.createOptimized("traceparent");
    private static final CharSequence TRACESTATE = HttpHeaders.createOptimized("tracestate");
    private static final CharSequence HTTP = HttpHeaders.createOptimized("http");

    private ForwardedHeaders() {}

    /** The fields for the instance, all but those that frame the body. */
    static MultiMap of(HttpServerRequest request, RequestHead head, String requestId, String traceParent) {
        MultiMap headers = head.forInstance();
        String caller = request.remoteAddress().hostAddress();
        String host = head.host();
        boolean six = caller.indexOf(':') >= 0;
        headers.set(HttpHeaders.HOST, host);
        headers.set(X_FORWARDED_FOR, caller);
        headers.set(X_FORWARDED_PROTO, HTTP);
        headers.set(X_FORWARDED_HOST, host);
        headers.set(FORWARDED, "for=" + (six ? "\"[" + caller + "]\"" : caller) + ";host=\"" + host + "\";proto=http");
        headers.set(X_REQUEST_ID, requestId);
        headers.set(TRACEPARENT, traceParent);
        if (head.traceParent() == null) {
            headers.remove(TRACESTATE); // Without its parent it belongs to nothing.
        }
        return headers;
    }

    /** The same fields as what goes over the wire is made of. */
    static io.netty.handler.codec.http.HttpHeaders netty(MultiMap fields) {
        if (fields instanceof io.netty.handler.codec.http.HttpHeaders same) {
            return same; // Vert.x' own are.
        }
        io.netty.handler.codec.http.HttpHeaders copy = new io.netty.handler.codec.http.DefaultHttpHeaders();
        fields.forEach((name, value) -> copy.add(name, value));
        return copy;
    }
}
