package dev.mayfly.model;

/** Name of an app, unique within its tenant. */
public record AppName(String value) implements Comparable<AppName> {
    public AppName {
        NameRule.requireLabel(value, "app");
    }

    @Override
    public int compareTo(AppName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
