package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Supervised;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What each server tells the others about itself every two seconds, as objects of the API. */
final class Told implements AutoCloseable {
    private final Cluster cluster;
    private final String key;
    private final Supplier<List<Map<String, Object>>> own;
    private static final Duration PERIOD = Duration.ofSeconds(2);
    private final Supervised teller;
    private volatile Heard heard = new Heard(List.of(), List.of());

    /** What the others told, and the same as objects: read once for all who ask until it is another. */
    private record Heard(List<String> json, List<Map<String, Object>> views) {}

    /** @param key what is told; a server has one of each */
    Told(Cluster cluster, String key, Supplier<List<Map<String, Object>>> own, Health health) {
        this.cluster = cluster;
        this.key = key;
        this.own = own;
        this.teller = health.every(Part.SIGHT, "tell-" + key, PERIOD, this::tell);
    }

    private void tell() {
        if (cluster.members().size() > 1) {
            cluster.announce(key, new JsonArray(own.get()).encode());
        }
    }

    /** What the others have told last. Not to be changed. */
    List<Map<String, Object>> others() {
        List<String> now = cluster.others(key);
        Heard last = heard;
        if (!last.json.equals(now)) {
            last = new Heard(now, read(now));
            heard = last;
        }
        return last.views;
    }

    private static List<Map<String, Object>> read(List<String> told) {
        List<Map<String, Object>> views = new ArrayList<>();
        for (String json : told) {
            for (Object each : new JsonArray(json)) {
                if (each instanceof JsonObject view) {
                    views.add(view.getMap());
                }
            }
        }
        return views;
    }

    @Override
    public void close() {
        teller.close();
    }
}
