package dev.mayfly.control.live;

import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.api.json.ApiJson;
import dev.mayfly.control.api.json.BuildJson;
import dev.mayfly.control.api.json.InstanceJson;
import dev.mayfly.control.api.json.ReleaseJson;
import dev.mayfly.control.logs.LogLine;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.LiveEvent;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Releases;
import java.time.Clock;
import java.util.Map;

/** Tells what happens. Never blocks and never fails: an event is a hint. */
public final class Live {
    private final Cluster cluster;
    private final AppUrls urls;
    private final Clock clock;

    public Live(Cluster cluster, AppUrls urls, Clock clock) {
        this.cluster = cluster;
        this.urls = urls;
        this.clock = clock;
    }

    public void app(String type, AppRef app) {
        tell(app, type, Map.of("name", app.app().value(), "url", urls.url(app)));
    }

    public void build(String type, Builds.Build build) {
        tell(build.app(), type, ApiJson.map(BuildJson.of(build)));
    }

    public void buildLine(AppRef app, String id, String line) {
        tell(app, "build.line", Map.of("id", id, "line", line));
    }

    public void buildPhase(AppRef app, String id, String phase) {
        tell(app, "build.phase", Map.of("id", id, "phase", phase));
    }

    public void release(String type, Releases.Release release) {
        tell(
                release.of().app(),
                type,
                ApiJson.map(ReleaseJson.of(release, urls.url(release.of().app()))));
    }

    public void instance(InstanceView instance) {
        AppRef app = instance.release().app();
        tell(app, "instance.changed", ApiJson.map(InstanceJson.of(instance, urls.url(app))));
    }

    public void logLine(AppRef app, LogLine line) {
        tell(app, "log.line", ApiJson.map(line));
    }

    /** Something on a machine that is no app's, told to the tenant of those who run it. */
    public void machine(TenantName operators, String type, Map<String, Object> data) {
        cluster.publish(new LiveEvent(operators.value(), "", type, clock.instant(), data));
    }

    private void tell(AppRef app, String type, Map<String, Object> data) {
        cluster.publish(new LiveEvent(app.tenant().value(), app.app().value(), type, clock.instant(), data));
    }
}
