package dev.mayfly.gateway.routing;

import dev.mayfly.model.AppRef;
import dev.mayfly.pool.api.ReleaseToRun;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which host leads where. Readers see one immutable snapshot and never wait; writers copy it, which is fine because
 * routes change on deploys and not on requests. Hosts are exact, without port, in any case of letters.
 */
public final class RouteTable {
    private final AtomicReference<Map<String, Route>> routes = new AtomicReference<>(Map.of());

    /** From the next request on the host leads to this release. */
    public void put(String host, ReleaseToRun release) {
        set(host, new Route.ToRelease(release));
    }

    /** The host is that of an app without a release: callers are told how to deploy one. */
    public void putNotDeployed(String host, AppRef app) {
        set(host, new Route.NotDeployed(app));
    }

    public void remove(String host) {
        String key = key(host);
        change(map -> {
            map.remove(key);
            return map;
        });
    }

    /** The route of a host as {@link Hosts#key} gives it, or null. */
    public @Nullable Route find(String key) {
        return routes.get().get(key);
    }

    private void set(String host, Route route) {
        String key = key(host);
        change(map -> {
            map.put(key, route);
            return map;
        });
    }

    private void change(UnaryOperator<Map<String, Route>> change) {
        routes.updateAndGet(old -> Map.copyOf(change.apply(new HashMap<>(old))));
    }

    private static String key(String host) {
        String key = Hosts.key(host);
        if (key == null) {
            throw new IllegalArgumentException("host: '" + host + "' (expected: a host name)");
        }
        return key;
    }
}
