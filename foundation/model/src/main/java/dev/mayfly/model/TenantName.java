package dev.mayfly.model;

/** Name of a tenant: who owns apps, members and quotas; the unit of isolation. Unique on one installation. */
public record TenantName(String value) implements Comparable<TenantName> {
    public TenantName {
        NameRule.requireLabel(value, "tenant");
    }

    @Override
    public int compareTo(TenantName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
