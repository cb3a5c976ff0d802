package dev.mayfly.control.api.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.json.jackson.VertxModule;
import java.util.List;

/**
 * How the records of this package become text and back. Every member is written, null too; times are RFC 3339 in UTC. Members that
 * a record does not know are passed over: another server may be newer.
 */
public final class ApiJson {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .registerModule(new VertxModule()) // Times.
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private ApiJson() {}

    public static byte[] bytes(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw unwritable(value, e);
        }
    }

    public static String text(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw unwritable(value, e);
        }
    }

    /** @throws JsonProcessingException if the text is no JSON */
    public static JsonNode tree(String text) throws JsonProcessingException {
        return MAPPER.readTree(text);
    }

    /** @throws JsonProcessingException if the value is no such */
    public static <T> T of(JsonNode value, Class<T> type) throws JsonProcessingException {
        return MAPPER.treeToValue(value, type);
    }

    /** @throws JsonProcessingException if the text is not a list of such */
    public static <T> List<T> list(String text, Class<T> of) throws JsonProcessingException {
        return MAPPER.readValue(text, MAPPER.getTypeFactory().constructCollectionType(List.class, of));
    }

    private static IllegalArgumentException unwritable(Object value, JsonProcessingException cause) {
        return new IllegalArgumentException("not to be written as JSON: " + value.getClass(), cause);
    }
}
