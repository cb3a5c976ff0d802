package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.api.json.PoolJson;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.runtime.health.Health;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/** The pools of all servers as the API shows them. */
public final class ClusterPools implements AutoCloseable {
    private final Supplier<List<PoolJson>> own;
    private final Announcements<PoolJson> announcements;

    public ClusterPools(Cluster cluster, Supplier<PoolView> pool, Health health) {
        this.own = () -> List.of(PoolJson.of(pool.get(), cluster.self()));
        this.announcements = new Announcements<>(cluster, "pool", PoolJson.class, own, health);
    }

    /** By the server's name. */
    public List<PoolJson> list() {
        List<PoolJson> all = new ArrayList<>(own.get());
        all.addAll(announcements.others());
        all.sort(Comparator.comparing(PoolJson::server));
        return all;
    }

    @Override
    public void close() {
        announcements.close();
    }
}
