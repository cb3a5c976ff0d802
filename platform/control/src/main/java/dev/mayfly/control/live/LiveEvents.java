package dev.mayfly.control.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.mayfly.cluster.Cluster;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TenantName;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Live events of this server and of the others. Publishing never blocks and never fails: an event is a hint. */
public final class LiveEvents implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LiveEvents.class);

    private final Cluster cluster;
    private final Clock clock;
    private final List<Consumer<Occurrence>> subscribers = new CopyOnWriteArrayList<>();
    private final AutoCloseable listening;

    public LiveEvents(Cluster cluster, Clock clock) {
        this.cluster = cluster;
        this.clock = clock;
        this.listening = cluster.listen(this::receive);
    }

    /** Something happened to an app, or in it. */
    public void publish(AppRef app, LiveEvent event) {
        publish(Occurrence.of(app.tenant().value(), app.app().value(), clock.instant(), event));
    }

    /** Something on a machine that is no app's, told to the tenant of those who run it. */
    public void publish(TenantName operators, LiveEvent event) {
        publish(Occurrence.of(operators.value(), "", clock.instant(), event));
    }

    private void publish(Occurrence occurrence) {
        tell(occurrence);
        cluster.broadcast(occurrence.json());
    }

    /** Calls for every event, of the other servers too, until the returned handle is closed. The callee returns at once. */
    public AutoCloseable subscribe(Consumer<Occurrence> subscriber) {
        subscribers.add(subscriber);
        return () -> subscribers.remove(subscriber);
    }

    private void tell(Occurrence occurrence) {
        for (Consumer<Occurrence> each : subscribers) {
            try {
                each.accept(occurrence);
            } catch (RuntimeException e) {
                log.atWarn()
                        .addKeyValue("type", occurrence.type().wireName())
                        .setCause(e)
                        .log("A subscriber failed");
            }
        }
    }

    private void receive(String json) {
        try {
            Occurrence.parse(json).ifPresent(this::tell);
        } catch (JsonProcessingException | RuntimeException e) {
            log.warn("An event of another server could not be read", e);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (Exception e) {
            throw new IllegalStateException("ending a subscription does not fail", e);
        }
    }
}
