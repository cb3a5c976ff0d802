package dev.mayfly.runtime.problem;

import dev.mayfly.model.ErrorCode;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error as callers see it (RFC 9457).
 *
 * @param status HTTP status
 * @param detail what was wrong and what was expected
 * @param requestId id to quote when asking for help, or null
 * @param instance id of the instance that failed, or null
 * @param errors the single faults of a request, each with a JSON pointer
 */
public record Problem(
        ErrorCode code,
        int status,
        String detail,
        @Nullable String requestId,
        @Nullable String instance,
        List<FieldError> errors) {
    public static final String CONTENT_TYPE = "application/problem+json";

    /** One fault in a request body or parameter. */
    public record FieldError(String pointer, String detail) {}

    public Problem {
        errors = List.copyOf(errors);
    }

    public static Problem of(ErrorCode code, String detail) {
        return new Problem(code, Problems.status(code), detail, null, null, List.of());
    }

    public Problem withRequestId(@Nullable String id) {
        return new Problem(code, status, detail, id, instance, errors);
    }

    public Problem withInstance(@Nullable String id) {
        return new Problem(code, status, detail, requestId, id, errors);
    }

    public Problem withErrors(List<FieldError> found) {
        return new Problem(code, status, detail, requestId, instance, found);
    }

    public JsonObject toJson() {
        JsonObject json = new JsonObject()
                .put("type", "urn:mayfly:problem:" + code.wireName())
                .put("title", Problems.title(code))
                .put("status", status)
                .put("code", code.wireName())
                .put("detail", detail)
                .put("blame", code.blame().wireName());
        if (requestId != null) {
            json.put("requestId", requestId);
        }
        if (instance != null) {
            json.put("instance", instance);
        }
        if (!errors.isEmpty()) {
            JsonArray array = new JsonArray();
            errors.forEach(error ->
                    array.add(new JsonObject().put("pointer", error.pointer()).put("detail", error.detail())));
            json.put("errors", array);
        }
        return json;
    }
}
