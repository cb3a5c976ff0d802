package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Instances;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Instances of all servers as the API shows them. */
public final class ClusterInstances implements AutoCloseable {
    /** Dead ones that a server tells the others about. */
    private static final int DEAD_TOLD = 200;

    private static final Comparator<Map<String, Object>> BY_DEATH =
            Comparator.comparing(view -> Instant.parse(String.valueOf(view.get("diedAt"))));

    private final Instances instances;
    private final AppUrls urls;
    private final Told told;

    public ClusterInstances(Cluster cluster, Instances instances, AppUrls urls) {
        this.instances = instances;
        this.urls = urls;
        this.told = new Told(cluster, "instances", () -> sorted(local(), DEAD_TOLD));
    }

    private List<Map<String, Object>> local() {
        List<Map<String, Object>> views = new ArrayList<>();
        for (InstanceView each : instances.list()) {
            views.add(Views.instance(each, urls.url(each.release().app())));
        }
        return views;
    }

    /**
     * Living ones first, then the last dead.
     *
     * @param deadMax how many of those at most
     */
    public List<Map<String, Object>> list(Predicate<Map<String, Object>> wanted, int deadMax) {
        List<Map<String, Object>> all = local();
        all.addAll(told.others());
        all.removeIf(wanted.negate());
        return sorted(all, deadMax);
    }

    private static List<Map<String, Object>> sorted(List<Map<String, Object>> all, int deadMax) {
        List<Map<String, Object>> living = new ArrayList<>();
        List<Map<String, Object>> dead = new ArrayList<>();
        for (Map<String, Object> each : all) {
            (InstanceState.REAPED.wireName().equals(each.get("state")) ? dead : living).add(each);
        }
        dead.sort(BY_DEATH.reversed());
        living.addAll(dead.subList(0, Math.min(deadMax, dead.size())));
        return living;
    }

    /** How many of the app live. */
    public long living(String tenant, String app) {
        return list(each -> tenant.equals(each.get("tenant")) && app.equals(each.get("app")), 0)
                .size();
    }

    @Override
    public void close() {
        told.close();
    }
}
