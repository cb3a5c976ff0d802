package dev.mayfly.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The API's document as a judge of answers: status, media type and body, in which nothing may be that the document does not have.
 * It knows nothing of how answers are made.
 */
final class Contract {
    private static final JsonSchemaOptions OPTIONS = new JsonSchemaOptions()
            .setDraft(Draft.DRAFT202012)
            .setBaseUri("https://mayfly.test")
            .setOutputFormat(OutputFormat.Basic);

    private final JsonObject document = closed(read());
    private final Set<String> seen = new TreeSet<>();

    private static JsonObject read() {
        try {
            return new JsonObject(new ObjectMapper(new YAMLFactory())
                    .readTree(ApiRouter.document())
                    .toString());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An object with members has no others, unless the document says so. */
    private static JsonObject closed(JsonObject schema) {
        for (Map.Entry<String, Object> each : schema) {
            if (each.getValue() instanceof JsonObject below) {
                closed(below);
            }
        }
        if (schema.getValue("properties") instanceof JsonObject && !schema.containsKey("additionalProperties")) {
            schema.put("additionalProperties", false);
        }
        return schema;
    }

    void check(HttpResponse<String> answer) {
        String method = answer.request().method();
        String path = answer.request().uri().getPath();
        Optional<JsonObject> operation = operation(method, path);
        JsonObject response = operation
                .flatMap(found -> response(found, answer.statusCode()))
                .orElseGet(() -> problem(method + " " + path, answer.statusCode()));
        String body = answer.body();
        String said = answer.headers().firstValue("content-type").orElse("");
        if (!response.containsKey("content")) {
            assertThat(body).as(method + " " + path).isEmpty();
        } else {
            Map.Entry<String, Object> content =
                    response.getJsonObject("content").iterator().next();
            assertThat(said).as(method + " " + path).startsWith(content.getKey());
            if (content.getKey().endsWith("json")) {
                fits(
                        method + " " + path,
                        ((JsonObject) content.getValue()).getJsonObject("schema"),
                        new JsonObject(body));
            }
        }
        if (answer.statusCode() < 300) {
            operation.ifPresent(found -> seen.add(found.getString("operationId")));
        }
    }

    /** An event of the stream. */
    void checkEvent(JsonObject data) {
        seen.add("streamEvents");
        fits("event", new JsonObject().put("$ref", "#/components/schemas/LiveEvent"), data);
    }

    /** Operations of which no good answer was checked. */
    Set<String> unseen() {
        Set<String> all = new TreeSet<>();
        document.getJsonObject("paths")
                .forEach(path -> ((JsonObject) path.getValue())
                        .forEach(each -> all.add(((JsonObject) each.getValue()).getString("operationId"))));
        all.removeAll(seen);
        return all;
    }

    private Optional<JsonObject> operation(String method, String path) {
        return document.getJsonObject("paths").stream()
                .filter(each -> path.matches(each.getKey().replaceAll("\\{[a-z]+}", "[^/]+")))
                .map(each -> ((JsonObject) each.getValue()).getJsonObject(method.toLowerCase(Locale.ROOT)))
                .filter(found -> found != null)
                .findFirst();
    }

    private Optional<JsonObject> response(JsonObject operation, int status) {
        JsonObject responses = operation.getJsonObject("responses");
        JsonObject exact = responses.getJsonObject(String.valueOf(status));
        return exact != null || status < 400
                ? Optional.ofNullable(exact)
                : Optional.of(resolve(responses.getJsonObject("default")));
    }

    /** What is no operation at all is refused like the rest. */
    private JsonObject problem(String what, int status) {
        assertThat(status).as(what).isGreaterThanOrEqualTo(400);
        return document.getJsonObject("components").getJsonObject("responses").getJsonObject("Problem");
    }

    private JsonObject resolve(JsonObject object) {
        String ref = object.getString("$ref");
        JsonObject at = document;
        for (String step : ref.substring(2).split("/", -1)) {
            at = at.getJsonObject(step);
        }
        return at;
    }

    private void fits(String what, JsonObject schema, JsonObject value) {
        JsonObject whole = schema.copy().put("components", document.getJsonObject("components"));
        OutputUnit result = Validator.create(JsonSchema.of(whole), OPTIONS).validate(value);
        assertThat(result.getValid())
                .as(() -> what + ": " + errors(result) + " in " + value)
                .isTrue();
    }

    private static JsonArray errors(OutputUnit result) {
        JsonArray all = new JsonArray();
        if (result.getErrors() != null) {
            result.getErrors().forEach(each -> all.add(each.getInstanceLocation() + " " + each.getError()));
        }
        return all;
    }
}
