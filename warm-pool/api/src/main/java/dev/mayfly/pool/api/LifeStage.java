package dev.mayfly.pool.api;

import java.util.Locale;

/** What an instance is at. Finer than its state: this is for people who want to see how it lived. */
public enum LifeStage {
    /** Its sandbox is being made. */
    STARTING,
    /** It runs and is nobody's yet. */
    GENERIC,
    /** It has got its release and is becoming ready. */
    BOUND,
    /** It waits for a request. */
    READY,
    /** It has a request. */
    SERVING,
    /** It has none, and its time stands still. */
    FROZEN,
    /** It ends: it is told to stop, and what is left of it goes. */
    STOPPING;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it does nothing for anybody meanwhile. */
    public boolean isPause() {
        return this == READY || this == FROZEN;
    }
}
