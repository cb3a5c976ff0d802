package dev.mayfly.control.api;

import dev.mayfly.identity.Permission;
import dev.mayfly.identity.Principal;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TenantName;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Objects;
import java.util.Optional;

/** One request to the API, checked against the contract, by somebody known. */
record Caller(Principal principal, RoutingContext context, JsonObject body) {
    /** The tenant of the path, in which the caller may do this. */
    TenantName tenant(Permission permission) {
        TenantName tenant = new TenantName(path("tenant"));
        principal.require(tenant, permission);
        return tenant;
    }

    /** The app of the path, with which the caller may do this. Whether it exists is another question. */
    AppRef app(Permission permission) {
        return AppRef.of(tenant(permission).value(), path("app"));
    }

    String path(String name) {
        return Objects.requireNonNull(context.pathParam(name), name);
    }

    Optional<String> query(String name) {
        return Optional.ofNullable(context.request().getParam(name));
    }
}
