package dev.mayfly.runtime.config;

import java.io.Serial;

/** A setting is unknown or wrong. The message names the key, the value and what was expected; it stops startup. */
public final class ConfigException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }

    /** {@code key: value (expected: …)}. */
    public static ConfigException of(String key, Object value, String expected) {
        return new ConfigException(key + ": " + value + " (expected: " + expected + ")");
    }
}
