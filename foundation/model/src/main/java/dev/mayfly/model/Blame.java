package dev.mayfly.model;

/** Whose doing a failure is. Part of every error's wire form, so that nobody has to guess. */
public enum Blame {
    /** The request was wrong or not allowed. */
    CALLER,
    /** The tenant's code or configuration failed. */
    FUNCTION,
    /** A limit of the tenant or of the machine was reached; later it may work. */
    CAPACITY,
    /** Mayfly itself failed. */
    PLATFORM;

    /** Lower-case name used in problem documents. */
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
