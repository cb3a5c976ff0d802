package dev.mayfly.pool.api;

/** Where an instance is in its life. It only moves downwards through this list. */
public enum InstanceState {
    STARTING,
    READY,
    DRAINING,
    REAPED;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
