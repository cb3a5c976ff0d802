package dev.mayfly.pool.core;

import java.util.Optional;

/**
 * What generic instances have in common: those of one key can be bound to any release with that key.
 *
 * @param value for example the base image, the language and its version; opaque here
 * @param zygote whose forks they are: then they are bound to this tenant's releases alone; empty: anybody's
 */
public record GenericKey(String value, Optional<OwnZygote> zygote) {
    private static final int LENGTH_MAX = 300;

    public GenericKey {
        if (value.isBlank() || value.length() > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "generic key: '" + value + "' (expected: 1 to " + LENGTH_MAX + " characters)");
        }
    }

    /** Of instances that anybody's release may be bound to. */
    public GenericKey(String value) {
        this(value, Optional.empty());
    }

    /** The same, forked for one tenant. */
    GenericKey forkedFrom(OwnZygote own) {
        return new GenericKey(value, Optional.of(own));
    }

    /** The same, whoever's they are. */
    public GenericKey ofAnybody() {
        return zygote.isEmpty() ? this : new GenericKey(value);
    }

    @Override
    public String toString() {
        return zygote.map(own -> value + ", forks for " + own.tenant()).orElse(value);
    }
}
