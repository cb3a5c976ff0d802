package dev.mayfly.control.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.mayfly.cluster.Cluster;
import dev.mayfly.control.api.json.ApiJson;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Supervised;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each server announces about itself to the others every two seconds, as records of the API. */
final class Announcements<T> implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Announcements.class);
    private static final Duration PERIOD = Duration.ofSeconds(2);

    private final Cluster cluster;
    private final String key;
    private final Class<T> of;
    private final Supplier<List<T>> own;
    private final Supervised announcer;
    private volatile Received<T> received = new Received<>(List.of(), List.of());

    /** What the others announced, and the same as records: read once for all who ask until it is another. */
    private record Received<T>(List<String> json, List<T> records) {}

    /** @param key what is announced; a server has one of each */
    Announcements(Cluster cluster, String key, Class<T> of, Supplier<List<T>> own, Health health) {
        this.cluster = cluster;
        this.key = key;
        this.of = of;
        this.own = own;
        this.announcer = health.every(Part.SIGHT, "announce-" + key, PERIOD, this::announce);
    }

    private void announce() {
        if (cluster.members().size() > 1) {
            cluster.announce(key, ApiJson.text(own.get()));
        }
    }

    /** What the others have announced last. Not to be changed. */
    List<T> others() {
        List<String> now = cluster.others(key);
        Received<T> last = received;
        if (!last.json.equals(now)) {
            last = new Received<>(now, read(now));
            received = last;
        }
        return last.records;
    }

    private List<T> read(List<String> announced) {
        List<T> records = new ArrayList<>();
        for (String json : announced) {
            try {
                records.addAll(ApiJson.list(json, of));
            } catch (JsonProcessingException e) {
                log.atWarn().addKeyValue("key", key).setCause(e).log("What another server announced cannot be read");
            }
        }
        return records;
    }

    @Override
    public void close() {
        announcer.close();
    }
}
