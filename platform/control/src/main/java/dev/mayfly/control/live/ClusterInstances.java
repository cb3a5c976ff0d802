package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.api.json.InstanceJson;
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
import java.util.Objects;
import java.util.function.Predicate;

/** Instances of all servers as the API shows them. */
public final class ClusterInstances implements AutoCloseable {
    /** Dead ones that a server announces to the others. */
    private static final int DEAD_ANNOUNCED = 200;

    private static final Comparator<InstanceJson> BY_DEATH =
            Comparator.comparing(each -> Objects.requireNonNullElse(each.diedAt(), Instant.EPOCH));

    private final Instances instances;
    private final AppUrls urls;
    private final Announcements<InstanceJson> announcements;

    public ClusterInstances(Cluster cluster, Instances instances, AppUrls urls, Health health) {
        this.instances = instances;
        this.urls = urls;
        this.announcements = new Announcements<>(
                cluster, "instances", InstanceJson.class, () -> sorted(local(_ -> true), DEAD_ANNOUNCED), health);
    }

    private List<InstanceJson> local(Predicate<InstanceView> wanted) {
        List<InstanceJson> found = new ArrayList<>();
        for (InstanceView each : instances.list()) {
            if (wanted.test(each)) {
                found.add(InstanceJson.of(each, urls.url(each.release().app())));
            }
        }
        return found;
    }

    /**
     * Living ones of the tenant first, then the last dead.
     *
     * @param deadMax how many of those at most
     */
    public List<InstanceJson> ofTenant(TenantName tenant, int deadMax) {
        List<InstanceJson> all = local(each -> each.release().app().tenant().equals(tenant));
        announcements.others().stream()
                .filter(each -> tenant.value().equals(each.tenant()))
                .forEach(all::add);
        return sorted(all, deadMax);
    }

    /** The same of one app. */
    public List<InstanceJson> ofApp(AppRef app, int deadMax) {
        List<InstanceJson> all = local(each -> each.release().app().equals(app));
        announcements.others().stream().filter(each -> isOf(app, each)).forEach(all::add);
        return sorted(all, deadMax);
    }

    private static boolean isOf(AppRef app, InstanceJson each) {
        return app.tenant().value().equals(each.tenant()) && app.app().value().equals(each.app());
    }

    private static List<InstanceJson> sorted(List<InstanceJson> all, int deadMax) {
        List<InstanceJson> living = new ArrayList<>();
        List<InstanceJson> dead = new ArrayList<>();
        for (InstanceJson each : all) {
            (each.died() ? dead : living).add(each);
        }
        dead.sort(BY_DEATH.reversed());
        living.addAll(dead.subList(0, Math.min(deadMax, dead.size())));
        return living;
    }

    /** How many of the app live. Asked for each app of a list: no record is made for it. */
    public long living(AppRef app) {
        long here = instances.list().stream()
                .filter(each -> each.release().app().equals(app) && each.state() != InstanceState.REAPED)
                .count();
        return here
                + announcements.others().stream()
                        .filter(each -> isOf(app, each) && !each.died())
                        .count();
    }

    @Override
    public void close() {
        announcements.close();
    }
}
