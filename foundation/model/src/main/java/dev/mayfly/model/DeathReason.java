package dev.mayfly.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Why an instance is no more. The one list, for the API, the command line, the console and the metrics. */
public enum DeathReason {
    /** It had no request, and another one was not likely enough for what it took. */
    IDLE,
    /** Another release needed its place. */
    EVICTED,
    /** The machine was short of memory. */
    MEMORY_PRESSURE,
    /** It has served the one request that it was for (isolation "request"). */
    SERVED,
    /** Another release of its app serves now. */
    DEPLOY,
    /** An app of the same name took the place of its own. */
    REPLACED,
    /** Its app was destroyed. */
    DESTROYED,
    /** It was nobody's, and more were ready than are wanted. */
    SURPLUS,
    /** It was nobody's but forked for a tenant that has nothing here any more. */
    TENANT_LEFT,
    /** Its server stopped. */
    SHUTDOWN,
    /** A predecessor of its server made it, and it could not be taken over. */
    NOT_ADOPTED,
    /** It did not become ready. */
    START_FAILED,
    /** It stood still and could not go on. */
    THAW_FAILED,
    /** Its program ended by itself, and said that all was well. */
    EXIT,
    /** Its program ended and said that something was wrong, or broke off a request. */
    CRASH,
    /** It went beyond its memory. */
    OOM_KILLED,
    /** It ended after it had wanted more processes and threads than it may have. */
    PIDS_LIMIT,
    /** What ran it died, and it with it. */
    RUNTIME_LOST;

    /** As everybody sees it, for example {@code oom-killed}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The reason of this wire name; empty if there is none. */
    public static Optional<DeathReason> of(String wireName) {
        return Arrays.stream(values())
                .filter(each -> each.wireName().equals(wireName))
                .findFirst();
    }
}
