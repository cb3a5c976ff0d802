package dev.mayfly.control.deploy;

import dev.mayfly.model.AppRef;
import dev.mayfly.pool.api.ReleaseToRun;

/** Where hosts lead from now on. Implemented over the gateway's table by the server. Returns at once. */
public interface RouteSink {
    void put(String host, ReleaseToRun release);

    /** The app exists and has nothing to serve yet. */
    void putNotDeployed(String host, AppRef app);

    void remove(String host);
}
