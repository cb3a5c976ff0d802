package dev.mayfly.gateway;

import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Callers' connections of one event loop that wait for a request: closed after the head timeout if they never sent one,
 * after the keep-alive time otherwise. A connection with a call in it is the call's to time.
 */
final class Connections {
    private static final class State {
        long since;
        int calls;
        boolean used;
    }

    private final IdentityHashMap<HttpConnection, State> open = new IdentityHashMap<>();
    private final GatewayConfig config;

    Connections(GatewayConfig config) {
        this.config = config;
    }

    void opened(HttpConnection connection) {
        if (open.size() >= config.connectionsMax()) {
            connection.close();
            return;
        }
        State state = new State();
        state.since = System.nanoTime();
        open.put(connection, state);
        connection.closeHandler(_ -> open.remove(connection));
    }

    void callBegins(HttpConnection connection) {
        State state = open.get(connection);
        if (state != null) {
            state.calls++;
            state.used = true;
        }
    }

    void callEnds(HttpConnection connection) {
        State state = open.get(connection);
        if (state != null) {
            state.calls--;
            state.since = System.nanoTime();
        }
    }

    void tick(long now) {
        List<HttpConnection> late = new ArrayList<>(0);
        long head = config.headTimeout().toNanos();
        long keepAlive = config.keepAlive().toNanos();
        open.forEach((connection, state) -> {
            if (state.calls == 0 && now - state.since > (state.used ? keepAlive : head)) {
                late.add(connection);
            }
        });
        late.forEach(HttpConnection::close);
    }
}
