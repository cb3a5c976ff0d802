package dev.mayfly.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Reads lists, whether a command prints them bare or as {@code items}. */
final class Json {
    private Json() {}

    static List<JsonNode> items(JsonNode json) {
        List<JsonNode> items = new ArrayList<>();
        (json.isArray() ? json : json.path("items")).forEach(items::add);
        return items;
    }
}
