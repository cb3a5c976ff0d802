package dev.mayfly.functions.java.shim;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One HTTP answer. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record HttpAnswer(int status, Map<String, List<String>> headers, byte[] body) {
    private static final Set<String> OURS = Set.of("content-length", "connection", "transfer-encoding");

    static HttpAnswer text(int status, String text) {
        return new HttpAnswer(
                status,
                Map.of("content-type", List.of("text/plain; charset=utf-8")),
                text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What a plain handler may return: text, bytes, nothing, or a map with {@code status}, {@code headers} and {@code body}.
     */
    static HttpAnswer of(@Nullable Object value) {
        if (value instanceof Map<?, ?> map && map.containsKey("body")) {
            HttpAnswer body = of(map.get("body"));
            Map<String, List<String>> headers = new LinkedHashMap<>(body.headers);
            if (map.get("headers") instanceof Map<?, ?> more) {
                more.forEach((name, text) ->
                        headers.put(String.valueOf(name).toLowerCase(Locale.ROOT), List.of(String.valueOf(text))));
            }
            int status = map.get("status") instanceof Number number ? number.intValue() : body.status;
            return new HttpAnswer(status, headers, body.body);
        }
        if (value == null) {
            return new HttpAnswer(204, Map.of(), new byte[0]);
        }
        if (value instanceof byte[] bytes) {
            return new HttpAnswer(200, Map.of("content-type", List.of("application/octet-stream")), bytes);
        }
        return text(200, String.valueOf(value));
    }

    boolean bodyless() {
        return status == 204 || status == 304;
    }

    /**
     * Status line and fields.
     *
     * @throws IllegalArgumentException if a field is none
     */
    byte[] head(boolean close) {
        StringBuilder head = new StringBuilder(256);
        head.append("HTTP/1.1 ").append(status).append(' ').append(reason()).append("\r\n");
        headers.forEach((name, values) -> {
            if (!OURS.contains(name.toLowerCase(Locale.ROOT))) {
                for (String value : values) {
                    field(head, name, value);
                }
            }
        });
        if (!bodyless()) {
            head.append("content-length: ").append(body.length).append("\r\n");
        }
        head.append(close ? "connection: close\r\n\r\n" : "\r\n");
        return head.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void field(StringBuilder head, String name, String value) {
        if (!Head.token(name) || value.indexOf('\r') >= 0 || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "header field '" + name + "': '" + value + "' (expected: a token, and one line of text)");
        }
        head.append(name).append(": ").append(value).append("\r\n");
    }

    private String reason() {
        return switch (status) {
            case 200 -> "OK";
            case 204 -> "No Content";
            case 400 -> "Bad Request";
            case 404 -> "Not Found";
            case 500 -> "Internal Server Error";
            default -> "";
        };
    }
}
