package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Instances;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Instances of all servers as the API shows them. Each server tells the others about its own every two seconds. */
public final class ClusterInstances implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterInstances.class);
    private static final String KEY = "instances";
    private static final int DEAD_SHOWN = 30;

    private final Cluster cluster;
    private final Instances instances;
    private final AppUrls urls;
    private final ScheduledExecutorService teller = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("tell-instances").factory());

    public ClusterInstances(Cluster cluster, Instances instances, AppUrls urls) {
        this.cluster = cluster;
        this.instances = instances;
        this.urls = urls;
        teller.scheduleWithFixedDelay(this::tell, 1, 2, TimeUnit.SECONDS);
    }

    private void tell() {
        try {
            cluster.announce(KEY, new JsonArray(local()).encode());
        } catch (RuntimeException e) {
            // A schedule ends at its first exception; the next round may go through.
            log.warn("The other servers could not be told about instances", e);
        }
    }

    private List<Map<String, Object>> local() {
        List<Map<String, Object>> views = new ArrayList<>();
        for (InstanceView each : instances.list()) {
            views.add(Views.instance(each, urls.url(each.release().app())));
        }
        return views;
    }

    /** Living ones first, then the last dead. */
    public List<Map<String, Object>> list(Predicate<Map<String, Object>> wanted) {
        List<Map<String, Object>> all = new ArrayList<>(local());
        for (String json : cluster.others(KEY)) {
            for (Object each : new JsonArray(json)) {
                if (each instanceof JsonObject view) {
                    all.add(view.getMap());
                }
            }
        }
        List<Map<String, Object>> living = new ArrayList<>();
        List<Map<String, Object>> dead = new ArrayList<>();
        for (Map<String, Object> each : all) {
            if (wanted.test(each)) {
                (InstanceState.REAPED.wireName().equals(each.get("state")) ? dead : living).add(each);
            }
        }
        living.addAll(dead.subList(0, Math.min(DEAD_SHOWN, dead.size())));
        return living;
    }

    /** How many live, by {@code tenant/app}. */
    public long living(String tenant, String app) {
        return list(each -> tenant.equals(each.get("tenant")) && app.equals(each.get("app"))).stream()
                .filter(each -> !InstanceState.REAPED.wireName().equals(each.get("state")))
                .count();
    }

    @Override
    public void close() {
        teller.shutdownNow();
    }
}
