package dev.mayfly.server;

import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.control.live.LiveEvents;
import dev.mayfly.identity.Identity;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxListener;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.network.Networks;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * From the sandboxes to the console and the metrics: what is there, what is left, what the sweeps find. The events are of the
 * first tenant, whose owner runs this server; what exactly is left only the log says, as it names paths of the machine.
 */
final class SandboxEvents implements SandboxListener {
    private final LiveEvents events;
    private final MeterRegistry meters;
    private final String server;
    private final Map<String, List<String>> known = new HashMap<>();

    /** @param server id of this server */
    SandboxEvents(LiveEvents events, MeterRegistry meters, String server) {
        this.events = events;
        this.meters = meters;
        this.server = server;
    }

    /** Shows how many there are of each kind. The gauges are all that holds on to what they ask. */
    static void measure(Supplier<SandboxHealth> health, Supplier<Networks.Counts> networks, MeterRegistry meters) {
        Map<String, ToIntFunction<SandboxHealth>> slots = Map.of(
                "ready", SandboxHealth::ready, "used", SandboxHealth::used, "quarantined", SandboxHealth::quarantined);
        slots.forEach(
                (state, count) -> Gauge.builder("mayfly.sandbox.slots", health, each -> count.applyAsInt(each.get()))
                        .description("Sandboxes that live, places made ahead, and what does not go")
                        .tag("state", state)
                        .strongReference(true)
                        .register(meters));
        Gauge.builder("mayfly.sandbox.roots", health, each -> each.get().roots())
                .description("Root file systems that are mounted")
                .strongReference(true)
                .register(meters);
        Map<String, ToIntFunction<Networks.Counts>> links = Map.of(
                "ready", Networks.Counts::ready,
                "claimed", Networks.Counts::claimed,
                "kept", Networks.Counts::kept,
                "going", Networks.Counts::going,
                "stuck", Networks.Counts::stuck);
        links.forEach((state, count) -> Gauge.builder("mayfly.networks", networks, each -> count.applyAsInt(each.get()))
                .description("Networks of sandboxes")
                .tag("state", state)
                .strongReference(true)
                .register(meters));
    }

    @Override
    public void left(String runtime, String sandbox, List<String> what) {
        leftovers(runtime, "reap", 1);
        publish(new LiveEvent.SandboxQuarantined(server, runtime, what.size(), sandbox));
    }

    @Override
    public void swept(String what, Sweep sweep) {
        sweeps(what, "done");
        if (sweep.found() > 0) {
            leftovers(what, "sweep", sweep.found());
            publish(new LiveEvent.SandboxSwept(server, what, sweep.found(), null));
        }
        if (isNews(what, sweep.left())) {
            publish(new LiveEvent.SandboxQuarantined(server, what, sweep.left().size(), null));
        }
    }

    /** A sweep tells every minute what is left; the console hears of it when it changes. */
    private synchronized boolean isNews(String what, List<String> left) {
        return !left.equals(known.put(what, left)) && !left.isEmpty();
    }

    @Override
    public void sweepFailed(String what) {
        sweeps(what, "failed");
    }

    private void sweeps(String what, String result) {
        meters.counter("mayfly.sweeps", "what", what, "result", result).increment();
    }

    private void leftovers(String what, String foundBy, int count) {
        meters.counter("mayfly.sandbox.leftovers", "what", what, "found_by", foundBy)
                .increment(count);
    }

    private void publish(LiveEvent event) {
        events.publish(Identity.FIRST_TENANT, event);
    }
}
