package dev.mayfly.gateway.http;

import dev.mayfly.runtime.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Answers in place of an app: a problem document, or a short page if a browser asks. */
public final class ErrorAnswer {
    private static final CharSequence RETRY_AFTER = HttpHeaders.createOptimized("retry-after");
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
    private static final CharSequence CSP = HttpHeaders.createOptimized("content-security-policy");
    private static final CharSequence CSP_VALUE =
            HttpHeaders.createOptimized("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");

    private ErrorAnswer() {}

    /**
     * Answers and keeps the connection if the request has been read to its end.
     *
     * @param bodyUnread the rest of the body is still to come: the connection closes, as what follows on it is that body
     * @return bytes of the answer's body
     */
    public static int send(
            CallerConnection connection,
            HttpServerRequest request,
            Problem problem,
            @Nullable Duration retryAfter,
            boolean bodyUnread) {
        HttpServerResponse response = request.response();
        Buffer body = body(request, problem);
        response.setStatusCode(problem.status());
        if (problem.requestId() != null) {
            response.putHeader(REQUEST_ID, problem.requestId());
        }
        if (retryAfter != null) {
            response.putHeader(RETRY_AFTER, String.valueOf(Math.max(1, retryAfter.toSeconds())));
        }
        response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
        if (bodyUnread) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        response.putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length()));
        boolean head = HttpMethod.HEAD.equals(request.method());
        if (head) {
            response.end();
        } else {
            response.end(body);
        }
        if (bodyUnread) {
            connection.closeSoon(request);
        }
        return head ? 0 : body.length();
    }

    private static Buffer body(HttpServerRequest request, Problem problem) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        if (accept != null && accept.contains("text/html")) {
            request.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8")
                    .putHeader(CSP, CSP_VALUE);
            return Buffer.buffer(ErrorPage.of(problem));
        }
        request.response().putHeader(HttpHeaders.CONTENT_TYPE, Problem.CONTENT_TYPE);
        return problem.toJson().toBuffer();
    }
}
