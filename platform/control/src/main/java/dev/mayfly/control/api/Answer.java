package dev.mayfly.control.api;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the API answers.
 *
 * @param text instead of JSON
 */
record Answer(int status, Optional<Map<String, Object>> json, Optional<String> text, Map<String, String> headers) {
    static final Answer NOTHING = new Answer(204, Optional.empty(), Optional.empty(), Map.of());

    static Answer ok(Map<String, Object> json) {
        return new Answer(200, Optional.of(json), Optional.empty(), Map.of());
    }

    static Answer created(Map<String, Object> json) {
        return new Answer(201, Optional.of(json), Optional.empty(), Map.of());
    }

    static Answer list(List<Map<String, Object>> items) {
        return ok(Map.of("items", items));
    }

    static Answer text(String text) {
        return new Answer(200, Optional.empty(), Optional.of(text), Map.of());
    }

    static Answer status(int status) {
        return new Answer(status, Optional.empty(), Optional.empty(), Map.of());
    }

    Answer with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Answer(status, json, text, more);
    }

    String body() {
        return json.map(map -> new JsonObject(map).encode()).or(() -> text).orElse("");
    }
}
