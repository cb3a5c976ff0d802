package dev.mayfly.control.live;

import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.LifeStep;
import dev.mayfly.pool.api.PoolView;
import dev.mayfly.pool.api.StartKind;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Releases;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The objects of the API as JSON, the same in answers and in live events. Times are RFC 3339 in UTC. */
public final class Views {
    private Views() {}

    public static Map<String, Object> build(Builds.Build build) {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("id", build.id());
        view.put("app", build.app().app().value());
        view.put("tenant", build.app().tenant().value());
        view.put("state", build.state().wireName());
        view.put("commit", build.commit());
        view.put("tree", build.tree());
        view.put("by", build.by());
        view.put("server", build.server());
        view.put("createdAt", build.createdAt().toString());
        view.put("startedAt", time(build.startedAt()));
        view.put("endedAt", time(build.endedAt()));
        List<Map<String, Object>> phases = new ArrayList<>();
        build.phases().forEach((name, millis) -> phases.add(Map.of("name", name, "ms", millis)));
        view.put("phases", phases);
        view.put(
                "error",
                build.failure()
                        .map(why -> Map.of("code", why.code(), "phase", why.phase(), "reason", why.reason()))
                        .orElse(null));
        view.put("release", build.release().orElse(null));
        return cast(view);
    }

    public static Map<String, Object> release(Releases.Release release, String url) {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("id", "v" + release.version());
        view.put("version", release.version());
        view.put("app", release.of().app().app().value());
        view.put("tenant", release.of().app().tenant().value());
        view.put("state", release.state().wireName());
        view.put("image", release.of().image());
        view.put("configVersion", release.of().configVersion());
        view.put("reason", release.of().reason());
        view.put("description", release.of().description());
        view.put("by", release.of().by());
        view.put("createdAt", release.createdAt().toString());
        view.put("commit", release.of().commit().orElse(null));
        view.put("buildId", release.of().buildId().orElse(null));
        view.put("url", url);
        return cast(view);
    }

    public static Map<String, Object> instance(InstanceView instance, String url) {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("id", instance.id());
        view.put("app", instance.release().app().app().value());
        view.put("tenant", instance.release().app().tenant().value());
        view.put("release", "v" + instance.release().version());
        view.put("state", instance.state().wireName());
        view.put("runtime", instance.runtimeClass());
        view.put("server", instance.server());
        view.put("active", instance.active());
        view.put("served", instance.served());
        view.put("bornAt", instance.bornAt().toString());
        view.put("boundAt", time(instance.boundAt()));
        view.put("readyAt", time(instance.readyAt()));
        view.put("diedAt", time(instance.diedAt()));
        view.put("diedOf", instance.diedOf().orElse(null));
        view.put("detail", instance.detail().orElse(null));
        List<Map<String, Object>> life = new ArrayList<>();
        for (LifeStep step : instance.life()) {
            Map<String, Object> part = new LinkedHashMap<>();
            part.put("stage", step.stage().wireName());
            part.put("since", step.since().toString());
            life.add(part);
        }
        view.put("life", life);
        view.put("url", url);
        return cast(view);
    }

    public static Map<String, Object> pool(PoolView pool, String server) {
        Map<String, @Nullable Object> view = new LinkedHashMap<>();
        view.put("server", server);
        Map<String, Object> instances = new LinkedHashMap<>();
        for (InstanceState state : InstanceState.values()) {
            if (state != InstanceState.REAPED) {
                instances.put(state.wireName(), pool.states().getOrDefault(state, 0));
            }
        }
        view.put("instances", instances);
        List<Map<String, Object>> generics = new ArrayList<>();
        pool.generics().forEach(each -> generics.add(generic(each)));
        view.put("generics", generics);
        view.put("genericClaims", pool.genericClaims());
        view.put("genericMisses", pool.genericMisses());
        view.put("starts", pool.startsUnderWay());
        view.put("waiting", pool.waiting());
        Map<String, Object> claims = new LinkedHashMap<>();
        for (StartKind kind : StartKind.values()) {
            claims.put(kind.wireName(), pool.claims().getOrDefault(kind, 0L));
        }
        view.put("claims", claims);
        view.put("misses", pool.misses());
        view.put("memoryMib", pool.memoryMib());
        view.put(
                "memoryFreeMib",
                pool.memoryFreeMib().isPresent() ? pool.memoryFreeMib().getAsLong() : null);
        view.put("caps", caps(pool));
        return cast(view);
    }

    private static Map<String, Object> generic(PoolView.Generic kind) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("kind", kind.key());
        view.put("ready", kind.ready());
        view.put("starting", kind.starting());
        view.put("target", kind.target());
        view.put("refillMs", kind.refillMillis());
        view.put("claims", kind.claims());
        view.put("misses", kind.misses());
        return view;
    }

    private static Map<String, Object> caps(PoolView pool) {
        PoolView.Caps caps = pool.caps();
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("instances", caps.instances());
        view.put("tenantInstances", caps.tenantInstances());
        view.put("releaseInstances", caps.releaseInstances());
        view.put("starts", caps.starts());
        view.put("memoryMib", pool.memoryMaxMib());
        view.put("tenantMemoryMib", caps.tenantMemoryMib());
        view.put("memoryReserveMib", caps.memoryReserveMib());
        view.put("waiting", caps.waiting());
        view.put("genericOfKind", caps.genericOfKind());
        return view;
    }

    private static @Nullable String time(Optional<Instant> at) {
        return at.map(Instant::toString).orElse(null);
    }

    /** JSON has null, and the checker's idea of a map of objects has not. */
    @SuppressWarnings({"unchecked", "NullAway"})
    private static Map<String, Object> cast(Map<String, @Nullable Object> view) {
        return (Map<String, Object>) (Map<String, ?>) view;
    }
}
