package dev.mayfly.runtime.health;

/**
 * Something that does not work.
 *
 * @param part what the server therefore cannot do
 * @param name which check or loop says so
 * @param what in words for the operator, without what a tenant wrote
 */
public record Trouble(Part part, String name, String what) {
    @Override
    public String toString() {
        return part.wireName() + ": " + name + ": " + what;
    }
}
