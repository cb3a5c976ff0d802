package dev.mayfly.cluster;

import dev.mayfly.model.LiveEvent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Subscribers on this server. */
final class Subscribers {
    private static final Logger log = LoggerFactory.getLogger(Subscribers.class);

    private final List<Consumer<LiveEvent>> all = new CopyOnWriteArrayList<>();

    AutoCloseable add(Consumer<LiveEvent> subscriber) {
        all.add(subscriber);
        return () -> all.remove(subscriber);
    }

    void tell(LiveEvent event) {
        for (Consumer<LiveEvent> each : all) {
            try {
                each.accept(event);
            } catch (RuntimeException e) {
                log.atWarn().addKeyValue("type", event.type()).setCause(e).log("A subscriber failed");
            }
        }
    }
}
