package dev.mayfly.pool.shell;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.core.PoolCore;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The instances that live, the last that died, and who is told of them. Guarded by the pool's lock. */
final class Residents {
    private static final int DEAD_REMEMBERED = 200;

    private final PoolCore core;
    private final PoolListener listener;
    private final String server;
    private final Map<String, Instance> living = new LinkedHashMap<>();
    private final Deque<InstanceView> dead = new ArrayDeque<>();

    Residents(PoolCore core, PoolListener listener, String server) {
        this.core = core;
        this.listener = listener;
        this.server = server;
    }

    void add(Instance instance) {
        living.put(instance.id, instance);
    }

    Instance get(String id) {
        return Objects.requireNonNull(living.get(id), "the core names only what lives");
    }

    @Nullable
    Instance find(String id) {
        return living.get(id);
    }

    Collection<Instance> all() {
        return living.values();
    }

    /** Living ones, then the last dead, the newest first. */
    List<InstanceView> views() {
        List<InstanceView> views = new ArrayList<>();
        for (Instance instance : living.values()) {
            if (instance.bound()) {
                views.add(refreshed(instance).view(server));
            }
        }
        views.sort(Comparator.comparing(InstanceView::bornAt).reversed());
        views.addAll(dead);
        return views;
    }

    /** Notes that nothing of it is left. False: that was known. */
    boolean bury(Instance instance, Instant now) {
        if (living.remove(instance.id) == null) {
            return false;
        }
        instance.state = InstanceState.REAPED;
        instance.active = 0;
        instance.diedAt = now;
        if (instance.bound()) {
            dead.addFirst(instance.view(server));
        }
        if (dead.size() > DEAD_REMEMBERED) {
            dead.removeLast();
        }
        return true;
    }

    /** Tells how it is now; to be run without the lock. What is generic is nobody's, so nobody is told. */
    Runnable news(Instance instance) {
        if (!instance.bound()) {
            return () -> {};
        }
        InstanceView view = refreshed(instance).view(server);
        return () -> listener.instanceChanged(view);
    }

    /** Copies the core's counts. */
    Instance refreshed(Instance instance) {
        InstanceState now = core.state(instance.id);
        if (now != InstanceState.REAPED) {
            instance.state = now;
            instance.active = core.active(instance.id);
            instance.served = core.served(instance.id);
        }
        return instance;
    }
}
