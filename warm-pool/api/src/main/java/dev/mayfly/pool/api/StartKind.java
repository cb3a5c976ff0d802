package dev.mayfly.pool.api;

/** What a request met: an instance that was ready, or one that had to be started for it. */
public enum StartKind {
    WARM,
    COLD;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
