package dev.mayfly.gateway.routing;

import dev.mayfly.model.AppRef;
import dev.mayfly.pool.api.ReleaseToRun;

/** What a host name leads to. */
public sealed interface Route {
    /** A release answers. */
    record ToRelease(ReleaseToRun release) implements Route {}

    /** The app exists and has never been deployed. */
    record NotDeployed(AppRef app) implements Route {}
}
