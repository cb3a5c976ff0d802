package dev.mayfly.runtime.health;

import java.util.Locale;

/** What a server must be able to do to be ready. */
public enum Part {
    /** Taking requests and answering them from instances that run. */
    REQUESTS,
    /** Making new instances. */
    STARTS,
    BUILDS,
    /** Taking what is pushed. */
    PUSHES,
    DATABASE,
    /** Logs, events and what servers tell each other: nothing of an app fails without it, but nobody sees what happens. */
    SIGHT;

    /** Lower-case name, as {@code /readyz} tells it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
