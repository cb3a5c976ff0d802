package dev.mayfly.control.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the API answers.
 *
 * @param file text that is sent as it lies there, never read into the heap; instead of JSON
 * @param whenTaken called once: who asked has it all, or has gone
 */
record Answer(
        int status,
        Optional<Map<String, Object>> json,
        Optional<Path> file,
        Map<String, String> headers,
        Runnable whenTaken) {
    static final Answer NOTHING = new Answer(204, Optional.empty(), Optional.empty(), Map.of(), Answer::nobodyWaits);

    static Answer ok(Map<String, Object> json) {
        return new Answer(200, Optional.of(json), Optional.empty(), Map.of(), Answer::nobodyWaits);
    }

    static Answer created(Map<String, Object> json) {
        return new Answer(201, Optional.of(json), Optional.empty(), Map.of(), Answer::nobodyWaits);
    }

    static Answer list(List<Map<String, Object>> items) {
        return ok(Map.of("items", items));
    }

    static Answer file(Path text) {
        return new Answer(200, Optional.empty(), Optional.of(text.toAbsolutePath()), Map.of(), Answer::nobodyWaits);
    }

    static Answer status(int status) {
        return new Answer(status, Optional.empty(), Optional.empty(), Map.of(), Answer::nobodyWaits);
    }

    Answer with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Answer(status, json, file, more, whenTaken);
    }

    Answer whenTaken(Runnable what) {
        return new Answer(status, json, file, headers, what);
    }

    /** The JSON, if there is any. */
    Buffer body() {
        return json.map(map -> new JsonObject(map).toBuffer()).orElseGet(Buffer::buffer);
    }

    private static void nobodyWaits() {}
}
