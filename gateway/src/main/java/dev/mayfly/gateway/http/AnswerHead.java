package dev.mayfly.gateway.http;

import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** From the head of an instance's answer to ours. */
public final class AnswerHead {
    /** Length of a body whose end only the instance knows. */
    public static final long UNKNOWN = -1;

    /** Fields of one answer. */
    public static final int FIELDS_MAX = 200;

    private AnswerHead() {}

    /**
     * Copies status and fields, sets how the body will be framed, and returns the body's length or {@link #UNKNOWN}.
     *
     * @throws IllegalArgumentException HTTP does not allow one of the fields, or there are more than {@link #FIELDS_MAX}
     */
    public static long copy(HttpResponse from, HttpServerResponse to, HttpMethod method, HttpVersion callerVersion) {
        int status = from.status().code();
        to.setStatusCode(status);
        String message = from.status().reasonPhrase();
        if (!message.equals(to.getStatusMessage())) {
            to.setStatusMessage(message);
        }
        copyFields(from.headers(), to.headers());
        return frame(status, to, method, callerVersion);
    }

    private static void copyFields(io.netty.handler.codec.http.HttpHeaders from, MultiMap to) {
        if (from.size() > FIELDS_MAX) {
            throw new IllegalArgumentException("fields: " + from.size() + " (expected: at most " + FIELDS_MAX + ")");
        }
        Set<String> named = connectionNamed(from);
        for (Map.Entry<String, String> field : from) {
            String name = field.getKey();
            if (!Names.stopsInAnswer(name) && (named.isEmpty() || !named.contains(name.toLowerCase(Locale.ROOT)))) {
                to.add(name, field.getValue());
            }
        }
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

    /** The fields that the answer says are for one hop, in lower case. As many as a head of 64 KiB has room for. */
    private static Set<String> connectionNamed(io.netty.handler.codec.http.HttpHeaders from) {
        if (!from.contains(HttpHeaders.CONNECTION)) {
            return Set.of();
        }
        Set<String> names = new HashSet<>();
        for (String value : from.getAll(HttpHeaders.CONNECTION)) {
            for (String token : value.split(",")) {
                names.add(token.strip().toLowerCase(Locale.ROOT));
            }
        }
        names.remove("content-length");
        return names;
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
