package dev.mayfly.builders.engine.toml;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlInvalidTypeException;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/**
 * TOML that a tenant or a build wrote. Nothing else of the engine calls the parser with such text: what is in it has limits, and
 * so have the parser's time and memory ({@link #PARSING_BYTES_MAX}).
 */
public final class BoundedToml {
    /** Of a file, in characters. */
    public static final int CHARACTERS_MAX = 64 * 1024;

    /** What parsing one may hold at once, in bytes; proved by a test. */
    public static final int PARSING_BYTES_MAX = 16 * 1024 * 1024;

    private final TidyText tidied;
    private final TomlParseResult result;

    private BoundedToml(TidyText tidied, TomlParseResult result) {
        this.tidied = tidied;
        this.result = result;
    }

    /** @throws Wrong if it is none, or more of it than can be meant */
    public static BoundedToml parse(String text) {
        if (text.length() > CHARACTERS_MAX) {
            throw new Wrong(1, "size: " + text.length() + " (expected: at most " + CHARACTERS_MAX + " characters)");
        }
        TidyText tidied = new TidyText(text).run();
        TomlParseResult result = Toml.parse(tidied.text());
        if (result.hasErrors()) {
            TomlParseError first = result.errors().getFirst();
            throw new Wrong(tidied.originalLine(first.position().line()), String.valueOf(first.getMessage()));
        }
        return new BoundedToml(tidied, result);
    }

    /**
     * What a file says, in the words of its reader.
     *
     * @param file its name, for the message
     * @throws IllegalArgumentException naming file and line, what was wrong and what was expected
     */
    public static <T> T read(String file, String text, Function<TomlTable, T> reader) {
        try {
            return reader.apply(parse(text).result);
        } catch (Wrong e) {
            throw new IllegalArgumentException(file + ":" + e.line() + ": " + e.getMessage(), e);
        } catch (TomlInvalidTypeException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    public TomlParseResult table() {
        return result;
    }

    /** The line of the text; 1 for what has none. */
    public int line(@Nullable TomlPosition position) {
        return position == null ? 1 : tidied.originalLine(position.line());
    }

    /** It cannot be taken. Has no trace: who wrote the text knows where. */
    public static final class Wrong extends IllegalArgumentException {
        private static final long serialVersionUID = 1;

        private final int line;

        Wrong(int line, String what) {
            super(what);
            this.line = line;
        }

        public int line() {
            return line;
        }
    }
}
