package dev.mayfly.store;

import java.util.Locale;

/** What a member may do in a tenant; each may do all that the ones after it may. */
public enum Role {
    OWNER,
    ADMIN,
    DEVELOPER,
    VIEWER;

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Role ofWireName(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** Whether this role includes the other. */
    public boolean includes(Role other) {
        return compareTo(other) <= 0;
    }
}
