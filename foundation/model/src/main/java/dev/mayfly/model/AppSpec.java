package dev.mayfly.model;

import java.util.Optional;

/**
 * What {@code mayfly.toml} says about running an app, with defaults filled in. Part of a release, so a rollback brings it
 * back.
 *
 * @param kind web or function
 * @param egress where it may connect to
 * @param healthPath path that must answer below 300 before a web release gets traffic; empty: the open port is enough
 * @param runtimeClass wanted runtime class; empty: the operator's default
 * @param isolation how many requests one instance may ever see
 * @param warmth how warm it is kept
 */
public record AppSpec(
        AppKind kind,
        EgressPolicy egress,
        Limits limits,
        Optional<String> healthPath,
        Optional<String> runtimeClass,
        Isolation isolation,
        Warmth warmth) {
    public static final AppSpec DEFAULTS =
            new AppSpec(AppKind.WEB, EgressPolicy.OPEN, Limits.DEFAULTS, Optional.empty(), Optional.empty());

    /** With the defaults of isolation and warmth. */
    public AppSpec(
            AppKind kind,
            EgressPolicy egress,
            Limits limits,
            Optional<String> healthPath,
            Optional<String> runtimeClass) {
        this(kind, egress, limits, healthPath, runtimeClass, Isolation.RELEASE, Warmth.DEFAULTS);
    }

    /** Requests at once in one instance. */
    public int concurrency() {
        return isolation == Isolation.REQUEST ? 1 : limits.concurrency();
    }
}
