package dev.mayfly.model;

/** What an app is to its callers. */
public enum AppKind {
    /** Any HTTP server that listens on {@code $PORT}. */
    WEB,
    /** A handler called by a shim in a language runtime; requests arrive over a unix socket. */
    FUNCTION;

    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
