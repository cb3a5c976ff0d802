package dev.mayfly.cluster;

import dev.mayfly.model.LiveEvent;
import java.util.List;
import java.util.function.Consumer;

/**
 * What servers that share a database tell each other: live events, and which instances each of them runs. All of it is fresh
 * or absent, never the record.
 */
public interface Cluster extends AutoCloseable {
    /** Name of this server, unique among its peers. */
    String self();

    /** Names of all servers, this one among them. */
    List<String> members();

    /** Tells every subscriber on every server, this one included. Never blocks: what does not fit is dropped. */
    void publish(LiveEvent event);

    /** Calls for every event until the returned handle is closed. The callee must return at once. */
    AutoCloseable subscribe(Consumer<LiveEvent> subscriber);

    /** Tells the others what this server shows under this key, as JSON; they forget it when this server leaves. */
    void announce(String key, String json);

    /** What the other servers last announced under this key. */
    List<String> others(String key);

    @Override
    void close();
}
