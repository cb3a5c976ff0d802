package dev.mayfly.pool.core;

/**
 * What generic instances have in common: those of one key can be bound to any release with that key. Opaque here.
 *
 * @param value for example the base image, the language and its version
 */
public record GenericKey(String value) {
    private static final int LENGTH_MAX = 300;

    public GenericKey {
        if (value.isBlank() || value.length() > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "generic key: '" + value + "' (expected: 1 to " + LENGTH_MAX + " characters)");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
