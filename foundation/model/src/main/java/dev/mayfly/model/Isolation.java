package dev.mayfly.model;

/** How many requests one instance may ever see. */
public enum Isolation {
    /** An instance serves one request, whatever comes of it, and is destroyed. */
    REQUEST,
    /** An instance serves many requests of its release, at most {@code concurrency} at once. */
    RELEASE;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
