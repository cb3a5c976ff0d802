package dev.mayfly.pool.core;

import dev.mayfly.pool.api.ReleaseToRun;
import java.util.Optional;

/**
 * A release that is to be served, and how it can be.
 *
 * @param generic what its instances can be made of ahead; empty: each is started from nothing
 */
public record Wanted(ReleaseToRun release, Optional<GenericKey> generic) {
    /** Without a generic key. */
    public static Wanted of(ReleaseToRun release) {
        return new Wanted(release, Optional.empty());
    }
}
