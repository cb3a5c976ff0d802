package dev.mayfly.gateway.http;

import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** From the head of an instance's answer to ours. */
public final class AnswerHead {
    /** Length of a body whose end only the instance knows. */
    public static final long UNKNOWN = -1;

    private AnswerHead() {}

    /** Copies status and fields, sets how the body will be framed, and returns the body's length or {@link #UNKNOWN}. */
    public static long copy(HttpResponse from, HttpServerResponse to, HttpMethod method, HttpVersion callerVersion) {
        int status = from.status().code();
        to.setStatusCode(status);
        String message = from.status().reasonPhrase();
        if (!message.equals(to.getStatusMessage())) {
            to.setStatusMessage(message);
        }
        MultiMap target = to.headers();
        for (Map.Entry<String, String> field : from.headers()) {
            if (!Names.stopsInAnswer(field.getKey())) {
                target.add(field.getKey(), field.getValue());
            }
        }
        dropConnectionNamed(from.headers(), target);
        return frame(status, to, method, callerVersion);
    }

    private static long frame(int status, HttpServerResponse to, HttpMethod method, HttpVersion callerVersion) {
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

    private static void dropConnectionNamed(io.netty.handler.codec.http.HttpHeaders from, MultiMap target) {
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
    public static void copyTrailers(io.netty.handler.codec.http.HttpHeaders trailers, HttpServerResponse to) {
        if (to.isChunked() && !trailers.isEmpty()) {
            for (Map.Entry<String, String> field : trailers) {
                String name = field.getKey();
                if (Names.ofRequest(name) == Names.Kind.PLAIN && !Names.stopsInAnswer(name)) {
                    to.trailers().add(name, field.getValue());
                }
            }
        }
    }
}
