package dev.mayfly.cluster;

import java.util.List;
import java.util.function.Consumer;

/**
 * What servers that share a database tell each other, as JSON text: what happens, and what each of them has. All of it is fresh
 * or absent, never the record.
 */
public interface Cluster extends AutoCloseable {
    /** Name of this server, unique among its peers. */
    String self();

    /** Names of all servers, this one among them. */
    List<String> members();

    /** Tells the other servers. Never blocks: what does not fit is dropped. */
    void broadcast(String json);

    /** Calls for all that the other servers tell until the returned handle is closed. The callee must return at once. */
    AutoCloseable listen(Consumer<String> listener);

    /** Tells the others what this server shows under this key, as JSON; they forget it when this server leaves. */
    void announce(String key, String json);

    /** What the other servers last announced under this key. */
    List<String> others(String key);

    @Override
    void close();
}
