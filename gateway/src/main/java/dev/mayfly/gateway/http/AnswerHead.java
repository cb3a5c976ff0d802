package dev.mayfly.gateway.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;

/** From the head of an instance's answer to ours. */
public final class AnswerHead {
    /** Length of a body whose end only the instance knows. */
    public static final long UNKNOWN = -1;

    private AnswerHead() {}

    /** Copies status and fields, sets how the body will be framed, and returns the body's length or {@link #UNKNOWN}. */
    public static long copy(
            HttpClientResponse from, HttpServerResponse to, HttpMethod method, HttpVersion callerVersion) {
        to.setStatusCode(from.statusCode());
        String message = from.statusMessage();
        if (message != null && !message.equals(to.getStatusMessage())) {
            to.setStatusMessage(message);
        }
        MultiMap target = to.headers();
        from.headers().forEach((name, value) -> {
            if (!Names.stopsInAnswer(name)) {
                target.add(name, value);
            }
        });
        dropConnectionNamed(from.headers(), target);
        return frame(from, to, method, callerVersion);
    }

    private static long frame(
            HttpClientResponse from, HttpServerResponse to, HttpMethod method, HttpVersion callerVersion) {
        int status = from.statusCode();
        if (status == 204) {
            to.headers().remove(HttpHeaders.CONTENT_LENGTH);
            return 0;
        }
        if (HttpMethod.HEAD.equals(method) || status == 304) {
            return 0;
        }
        String length = to.headers().get(HttpHeaders.CONTENT_LENGTH);
        if (length != null) {
            return Long.parseLong(length.strip());
        }
        if (callerVersion != HttpVersion.HTTP_1_0) {
            to.setChunked(true);
        }
        return UNKNOWN;
    }

    private static void dropConnectionNamed(MultiMap from, MultiMap target) {
        String first = from.get(HttpHeaders.CONNECTION);
        if (first == null) {
            return;
        }
        List<String> values = from.getAll(HttpHeaders.CONNECTION);
        for (String value : values) {
            for (String token : value.split(",")) {
                String name = token.strip().toLowerCase(Locale.ROOT);
                if (!name.isEmpty() && !name.equals("content-length")) {
                    target.remove(name);
                }
            }
        }
    }

    /** Copies the fields that an instance sent after its body. */
    public static void copyTrailers(HttpClientResponse from, HttpServerResponse to) {
        if (to.isChunked() && !from.trailers().isEmpty()) {
            from.trailers().forEach((name, value) -> {
                if (Names.ofRequest(name) == Names.Kind.PLAIN && !Names.stopsInAnswer(name)) {
                    to.trailers().add(name, value);
                }
            });
        }
    }
}
