package dev.mayfly.identity;

import dev.mayfly.store.Role;

/** What can be done in a tenant, and the least role that may. */
public enum Permission {
    /** See apps, releases, instances, logs. */
    READ(Role.VIEWER),
    /** Push, change configuration, roll back, create apps. Also see configuration, which may hold secrets. */
    DEPLOY(Role.DEVELOPER),
    /** Destroy apps. */
    DESTROY(Role.ADMIN),
    /** In the first tenant: see what is no tenant's own, such as the pool. */
    OPERATE(Role.ADMIN);

    private final Role least;

    Permission(Role least) {
        this.least = least;
    }

    boolean isGivenTo(Role role) {
        return role.includes(least);
    }
}
