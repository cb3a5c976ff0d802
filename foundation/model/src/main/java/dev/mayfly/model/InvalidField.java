package dev.mayfly.model;

import java.util.Optional;

/**
 * One field of what somebody wrote, with what is wrong about it.
 *
 * @param path names from the outside in, with dots between them: {@code limits.memory}
 * @param value as a person is shown it: {@code '8'}, {@code 8 MiB}, {@code nothing}, {@code a table}
 * @param expected what would be right
 * @param line where it is, if it is of a file
 */
public record InvalidField(String path, String value, String expected, Optional<Line> line) {
    /** A line of a file, counted from 1. */
    public record Line(String file, int number) {
        @Override
        public String toString() {
            return file + ":" + number;
        }
    }

    /** Of a value that does not know yet where it was written. */
    public static InvalidField of(String path, Object value, String expected) {
        return new InvalidField(path, value.toString(), expected, Optional.empty());
    }

    /** The same, where it was written. */
    public InvalidField at(String fullPath, Line where) {
        return new InvalidField(fullPath, value, expected, Optional.of(where));
    }

    /** The path as a JSON pointer (RFC 6901), as problem documents name a field. */
    public String pointer() {
        return "/" + path.replace("~", "~0").replace("/", "~1").replace('.', '/');
    }

    /** What is wrong and what would be right, without the field's name. */
    public String fault() {
        return value + " (expected: " + expected + ")";
    }

    /** All in one line: {@code mayfly.toml:3: limits.memory: 8 MiB (expected: 16 to 65536 MiB)}. */
    @Override
    public String toString() {
        return line.map(at -> at + ": ").orElse("") + path + ": " + fault();
    }
}
