package dev.mayfly.pool.engine;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.core.Action;
import dev.mayfly.pool.core.PoolCore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The instances that live, the last that died, and who is told of them. Guarded by the pool's lock. */
final class InstanceRegistry {
    /** What changes by requests alone is told so often at most. */
    private static final Duration TELL_EVERY = Duration.ofSeconds(1);

    private final PoolCore core;
    private final PoolListener listener;
    private final String server;
    private final Map<String, Instance> living = new LinkedHashMap<>();
    private final DeadInstances dead = new DeadInstances();
    private Instant toldAt = Instant.EPOCH;

    InstanceRegistry(PoolCore core, PoolListener listener, String server) {
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

    /** Living ones, then the dead of the last hour, the newest first. */
    List<InstanceView> views(Instant now) {
        List<InstanceView> views = new ArrayList<>();
        for (Instance instance : living.values()) {
            if (instance.bound()) {
                views.add(view(instance));
            }
        }
        views.sort(Comparator.comparing(InstanceView::bornAt).reversed());
        views.addAll(dead.seenAt(now));
        return views;
    }

    /** Notes that nothing of it is left, and how to tell so, to be run without the lock. Empty: that was known. */
    Optional<Runnable> bury(Instance instance, Instant now) {
        if (living.remove(instance.id) == null) {
            return Optional.empty();
        }
        instance.diedAt = now;
        if (!instance.bound()) {
            return Optional.of(() -> {});
        }
        InstanceView view = instance.view(server, InstanceState.REAPED, 0, core.served(instance.id));
        dead.add(view);
        return Optional.of(() -> listener.instanceChanged(view));
    }

    /** A request has left it: it waits again, unless it has others. */
    List<Action> left(Instance instance, List<Action> next, Instant now) {
        if (core.active(instance.id) == 0) {
            instance.life.leaves(now);
        }
        return next;
    }

    /** What nobody was told of yet, as it changed by requests; to be run without the lock. */
    List<Runnable> untold(Instant now) {
        if (toldAt.plus(TELL_EVERY).isAfter(now)) {
            return List.of();
        }
        toldAt = now;
        List<Runnable> news = new ArrayList<>();
        for (Instance instance : living.values()) {
            InstanceState state = core.state(instance.id);
            if (instance.life.isUntold() && (state == InstanceState.READY || state == InstanceState.FROZEN)) {
                news.add(news(instance));
            }
        }
        return news;
    }

    /** Tells how it is now; to be run without the lock. What is generic is nobody's, so nobody is told. */
    Runnable news(Instance instance) {
        if (!instance.bound()) {
            return () -> {};
        }
        instance.life.told();
        InstanceView view = view(instance);
        return () -> listener.instanceChanged(view);
    }

    private InstanceView view(Instance instance) {
        String id = instance.id;
        return instance.view(server, core.state(id), core.active(id), core.served(id));
    }
}
