package dev.mayfly.control.api.json;

import java.util.List;

/** A list as the API answers it: an object, so that it can gain members. */
public record ItemsJson<T>(List<T> items) {
    public ItemsJson {
        items = List.copyOf(items);
    }
}
