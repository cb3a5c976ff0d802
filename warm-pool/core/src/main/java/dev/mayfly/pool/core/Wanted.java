package dev.mayfly.pool.core;

import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.ReleaseToRun;
import java.util.Optional;

/**
 * A release that is to be served, and how it can be.
 *
 * @param generic what its instances can be made of ahead, whoever's; empty: each is started from nothing
 * @param zygote what they may be forked from if its tenant has one of its own; empty: that is not asked
 */
public record Wanted(ReleaseToRun release, Optional<GenericKey> generic, Optional<String> zygote) {
    /** One whose instances are not forked from a zygote of its tenant's own. */
    public Wanted(ReleaseToRun release, Optional<GenericKey> generic) {
        this(release, generic, Optional.empty());
    }

    /** Without a generic key. */
    public static Wanted of(ReleaseToRun release) {
        return new Wanted(release, Optional.empty());
    }

    Optional<ZygotePlaces.Asker> asker() {
        TenantName tenant = release.release().app().tenant();
        return zygote.map(name -> new ZygotePlaces.Asker(name, tenant));
    }
}
