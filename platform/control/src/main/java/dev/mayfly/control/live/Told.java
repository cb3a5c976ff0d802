package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each server tells the others about itself every two seconds, as objects of the API. */
final class Told implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Told.class);

    private final Cluster cluster;
    private final String key;
    private final Supplier<List<Map<String, Object>>> own;
    private final ScheduledExecutorService teller;
    private volatile Heard heard = new Heard(List.of(), List.of());

    /** What the others told, and the same as objects: read once for all who ask until it is another. */
    private record Heard(List<String> json, List<Map<String, Object>> views) {}

    /** @param key what is told; a server has one of each */
    Told(Cluster cluster, String key, Supplier<List<Map<String, Object>>> own) {
        this.cluster = cluster;
        this.key = key;
        this.own = own;
        this.teller = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("tell-" + key).factory());
        teller.scheduleWithFixedDelay(this::tell, 1, 2, TimeUnit.SECONDS);
    }

    private void tell() {
        try {
            if (cluster.members().size() > 1) {
                cluster.announce(key, new JsonArray(own.get()).encode());
            }
        } catch (RuntimeException e) {
            // A schedule ends at its first exception; the next round may go through.
            log.atWarn().addKeyValue("what", key).setCause(e).log("The other servers could not be told");
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
        teller.shutdownNow();
    }
}
