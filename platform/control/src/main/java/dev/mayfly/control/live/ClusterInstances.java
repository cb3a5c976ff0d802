package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.Instances;
import dev.mayfly.runtime.health.Health;
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

    public ClusterInstances(Cluster cluster, Instances instances, AppUrls urls, Health health) {
        this.instances = instances;
        this.urls = urls;
        this.told = new Told(cluster, "instances", () -> sorted(local(_ -> true), DEAD_TOLD), health);
    }

    private List<Map<String, Object>> local(Predicate<InstanceView> wanted) {
        List<Map<String, Object>> views = new ArrayList<>();
        for (InstanceView each : instances.list()) {
            if (wanted.test(each)) {
                views.add(Views.instance(each, urls.url(each.release().app())));
            }
        }
        return views;
    }

    /**
     * Living ones of the tenant first, then the last dead.
     *
     * @param deadMax how many of those at most
     */
    public List<Map<String, Object>> ofTenant(TenantName tenant, int deadMax) {
        List<Map<String, Object>> all =
                local(each -> each.release().app().tenant().equals(tenant));
        told.others().stream()
                .filter(each -> tenant.value().equals(each.get("tenant")))
                .forEach(all::add);
        return sorted(all, deadMax);
    }

    /** The same of one app. */
    public List<Map<String, Object>> ofApp(AppRef app, int deadMax) {
        List<Map<String, Object>> all = local(each -> each.release().app().equals(app));
        told.others().stream().filter(each -> isOf(app, each)).forEach(all::add);
        return sorted(all, deadMax);
    }

    private static boolean isOf(AppRef app, Map<String, Object> view) {
        return app.tenant().value().equals(view.get("tenant"))
                && app.app().value().equals(view.get("app"));
    }

    private static boolean isDead(Map<String, Object> view) {
        return InstanceState.REAPED.wireName().equals(view.get("state"));
    }

    private static List<Map<String, Object>> sorted(List<Map<String, Object>> all, int deadMax) {
        List<Map<String, Object>> living = new ArrayList<>();
        List<Map<String, Object>> dead = new ArrayList<>();
        for (Map<String, Object> each : all) {
            (isDead(each) ? dead : living).add(each);
        }
        dead.sort(BY_DEATH.reversed());
        living.addAll(dead.subList(0, Math.min(deadMax, dead.size())));
        return living;
    }

    /** How many of the app live. Asked for each app of a list: nothing is written as JSON for it. */
    public long living(AppRef app) {
        long here = instances.list().stream()
                .filter(each -> each.release().app().equals(app) && each.state() != InstanceState.REAPED)
                .count();
        return here
                + told.others().stream()
                        .filter(each -> isOf(app, each) && !isDead(each))
                        .count();
    }

    @Override
    public void close() {
        told.close();
    }
}
