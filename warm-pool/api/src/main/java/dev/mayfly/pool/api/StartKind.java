package dev.mayfly.pool.api;

/** What a request met. */
public enum StartKind {
    /** An instance that was ready and has served before, or may serve again. */
    WARM,
    /** A frozen instance that was thawed for it. */
    THAWED,
    /** A generic instance that got its release for it. */
    POOL,
    /** An instance that was ready and has never served anybody, nor ever will again. */
    FRESH,
    /** An instance that was started for it from nothing. */
    COLD;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether the request had to wait until an instance was ready for it. */
    public boolean waitedForStart() {
        return this == THAWED || this == POOL || this == COLD;
    }
}
