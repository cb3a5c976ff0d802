package dev.mayfly.control.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.mayfly.control.api.json.ApiJson;
import java.time.Instant;
import java.util.Optional;

/**
 * A live event: to whom it happened, when, and what. Its text is made once, however many follow.
 *
 * @param tenant whose event it is; only that tenant's members may see it
 * @param app the app, or the empty string for an event of the tenant
 * @param json how it is written on the wire
 */
public record Occurrence(String tenant, String app, LiveEventType type, LiveEvent event, String json) {
    /** The members in the order in which they are written. */
    private record Written<D>(String tenant, String app, String type, Instant at, D data) {}

    static Occurrence of(String tenant, String app, Instant at, LiveEvent event) {
        LiveEventType type = LiveEventType.of(event);
        String json = ApiJson.text(new Written<>(tenant, app, type.wireName(), at, event));
        return new Occurrence(tenant, app, type, event, json);
    }

    /**
     * An event of another server. Empty if its type is not known here, as that server is newer.
     *
     * @throws JsonProcessingException if the text is no event
     */
    static Optional<Occurrence> parse(String json) throws JsonProcessingException {
        var tree = ApiJson.tree(json);
        Optional<LiveEventType> type = LiveEventType.named(tree.path("type").asText());
        if (type.isEmpty()) {
            return Optional.empty();
        }
        LiveEvent event = ApiJson.of(tree.path("data"), type.get().eventClass());
        return Optional.of(
                new Occurrence(tree.path("tenant").asText(), tree.path("app").asText(), type.get(), event, json));
    }
}
