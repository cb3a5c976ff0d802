package dev.mayfly.server;

import dev.mayfly.control.deploy.RouteSink;
import dev.mayfly.gateway.routing.RouteTable;
import dev.mayfly.model.AppRef;
import dev.mayfly.pool.api.Instances;
import dev.mayfly.pool.api.ReleaseToRun;

/** Control decides, the gateway routes, the pool makes ready. */
record GatewayRoutes(RouteTable table, Instances instances) implements RouteSink {
    @Override
    public void put(String host, ReleaseToRun release) {
        table.put(host, release);
        instances.expect(release);
    }

    @Override
    public void putNotDeployed(String host, AppRef app) {
        table.putNotDeployed(host, app);
    }

    @Override
    public void remove(String host) {
        table.remove(host);
    }
}
