package dev.mayfly.pool.core;

import dev.mayfly.model.TenantName;

/**
 * A zygote that one tenant's instances alone are forked from: forks of one know each other's secrets.
 *
 * @param name what it is forked for, the same for all tenants; opaque here
 * @param number of its place, which no other ever has: what is forked for a tenant of the same name later is not forked from it
 */
public record OwnZygote(String name, TenantName tenant, long number) {
    @Override
    public String toString() {
        return name + " of " + tenant;
    }
}
