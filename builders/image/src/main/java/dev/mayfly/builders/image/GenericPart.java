package dev.mayfly.builders.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mayfly.model.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The part of a function's image that holds nothing of its tenant, and how it starts alone, to be told later which function it
 * is. The build engine makes it of what it knows itself; the {@link ImageStore} keeps it beside the image and not in it, as an
 * image says what its build wanted it to say. As text: {@code {"layers": [digests, base first], "argv": […], "env": {…},
 * "cwd": "/workspace"}}.
 *
 * @param layers digests, base first, the shim's last
 */
public record GenericPart(List<String> layers, ProcessSpec process) {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    public GenericPart {
        layers = List.copyOf(layers);
    }

    /** The same for two images exactly if the same files would start in the same way. */
    public String key() {
        return Sha256.hex(Sha256.of(toText().getBytes(StandardCharsets.UTF_8)));
    }

    /** The same part always gives the same text. */
    String toText() {
        ObjectNode node = JSON.createObjectNode();
        ArrayNode digests = node.putArray("layers");
        layers.forEach(digests::add);
        ArrayNode argv = node.putArray("argv");
        process.argv().forEach(argv::add);
        ObjectNode env = node.putObject("env");
        new TreeMap<>(process.env()).forEach(env::put);
        node.put("cwd", process.workingDir());
        try {
            return JSON.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    /** @throws IllegalArgumentException if the text is none that {@link #toText} writes */
    static GenericPart ofText(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            Map<String, String> env = new TreeMap<>();
            node.path("env")
                    .properties()
                    .forEach(each -> env.put(each.getKey(), each.getValue().asText()));
            return new GenericPart(
                    texts(node.path("layers")),
                    new ProcessSpec(
                            texts(node.path("argv")), env, node.path("cwd").asText()));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("generic part: no JSON", e);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }
}
