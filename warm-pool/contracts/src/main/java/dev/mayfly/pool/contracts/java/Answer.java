package dev.mayfly.pool.contracts.java;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One HTTP answer. */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record Answer(int status, Map<String, List<String>> headers, byte[] body) {
    static Answer text(int status, String text) {
        return new Answer(
                status,
                Map.of("content-type", List.of("text/plain; charset=utf-8")),
                text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What a plain handler may return: text, bytes, nothing, or a map with {@code status}, {@code headers} and {@code body}.
     */
    static Answer of(@Nullable Object value) {
        if (value instanceof Map<?, ?> map && map.containsKey("body")) {
            Answer body = of(map.get("body"));
            Map<String, List<String>> headers = new LinkedHashMap<>(body.headers);
            if (map.get("headers") instanceof Map<?, ?> more) {
                more.forEach((name, text) ->
                        headers.put(String.valueOf(name).toLowerCase(Locale.ROOT), List.of(String.valueOf(text))));
            }
            int status = map.get("status") instanceof Number number ? number.intValue() : body.status;
            return new Answer(status, headers, body.body);
        }
        if (value == null) {
            return new Answer(204, Map.of(), new byte[0]);
        }
        if (value instanceof byte[] bytes) {
            return new Answer(200, Map.of("content-type", List.of("application/octet-stream")), bytes);
        }
        return text(200, String.valueOf(value));
    }
}
