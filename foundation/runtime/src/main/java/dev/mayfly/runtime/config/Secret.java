package dev.mayfly.runtime.config;

import static java.util.Objects.requireNonNull;

/** A value that must not appear in logs, messages or dumps. */
public final class Secret {
    private final String value;

    public Secret(String value) {
        this.value = requireNonNull(value, "value");
    }

    /** The clear text: for the one call that needs it. */
    public String reveal() {
        return value;
    }

    @Override
    public String toString() {
        return "****";
    }
}
