package dev.mayfly.server;

import dev.mayfly.control.api.json.InstanceJson;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.control.live.LiveEvents;
import dev.mayfly.control.logs.AppLogs;
import dev.mayfly.control.logs.LogLine;
import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TerminalText;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.PoolListener;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;

/** From the pool to the console, the logs and the metrics. */
final class PoolEvents implements PoolListener {
    private final LiveEvents events;
    private final AppUrls urls;
    private final AppLogs logs;
    private final MeterRegistry meters;
    private final Clock clock;

    PoolEvents(LiveEvents events, AppUrls urls, AppLogs logs, MeterRegistry meters, Clock clock) {
        this.events = events;
        this.urls = urls;
        this.logs = logs;
        this.meters = meters;
        this.clock = clock;
    }

    @Override
    public void instanceChanged(InstanceView instance) {
        if (instance.state() == InstanceState.STARTING) {
            meters.counter("mayfly.instance.births").increment();
        } else if (instance.state() == InstanceState.REAPED) {
            meters.counter(
                            "mayfly.instance.deaths",
                            "reason",
                            instance.diedOf().map(DeathReason::wireName).orElse("unknown"))
                    .increment();
        }
        AppRef app = instance.release().app();
        events.publish(app, new LiveEvent.InstanceChanged(InstanceJson.of(instance, urls.url(app))));
    }

    @Override
    public void line(ReleaseRef release, String instanceId, boolean stderr, String line) {
        // Here for all: files, followers and terminals get no character that acts.
        String safe = TerminalText.safe(line);
        LogLine entry = new LogLine(clock.instant(), "app", instanceId, stderr ? "stderr" : "stdout", safe);
        logs.append(release.app(), entry);
        events.publish(release.app(), new LiveEvent.LogLinePrinted(entry));
    }
}
