package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.runtime.health.Health;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The pools of all servers as the API shows them. */
public final class ClusterPools implements AutoCloseable {
    private final Supplier<List<Map<String, Object>>> own;
    private final Told told;

    public ClusterPools(Cluster cluster, Supplier<PoolView> pool, Health health) {
        this.own = () -> List.of(Views.pool(pool.get(), cluster.self()));
        this.told = new Told(cluster, "pool", own, health);
    }

    /** By the server's name. */
    public List<Map<String, Object>> list() {
        List<Map<String, Object>> all = new ArrayList<>(own.get());
        all.addAll(told.others());
        all.sort(Comparator.comparing(view -> String.valueOf(view.get("server"))));
        return all;
    }

    @Override
    public void close() {
        told.close();
    }
}
