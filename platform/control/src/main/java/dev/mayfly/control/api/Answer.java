package dev.mayfly.control.api;

import dev.mayfly.control.api.json.ApiJson;
import dev.mayfly.control.api.json.ItemsJson;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the API answers.
 *
 * @param json a record of the API's
 * @param file text that is sent as it lies there, never read into the heap; instead of JSON
 * @param whenTaken called once: who asked has it all, or has gone
 */
record Answer(int status, Optional<Object> json, Optional<Path> file, Map<String, String> headers, Runnable whenTaken) {
    static final Answer NOTHING = new Answer(204, Optional.empty(), Optional.empty(), Map.of(), Answer::nobodyWaits);

    static Answer ok(Object json) {
        return new Answer(200, Optional.of(json), Optional.empty(), Map.of(), Answer::nobodyWaits);
    }

    static Answer created(Object json) {
        return new Answer(201, Optional.of(json), Optional.empty(), Map.of(), Answer::nobodyWaits);
    }

    static Answer list(List<?> items) {
        return ok(new ItemsJson<>(items));
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
        return json.map(value -> Buffer.buffer(ApiJson.bytes(value))).orElseGet(Buffer::buffer);
    }

    private static void nobodyWaits() {}
}
