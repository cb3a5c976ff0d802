package dev.mayfly.pool.api;

/** Where an instance is in its life. It only moves downwards through this list, except that what is frozen can be ready again. */
public enum InstanceState {
    STARTING,
    READY,
    /** Without a request, and its time stands still. */
    FROZEN,
    DRAINING,
    REAPED;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
