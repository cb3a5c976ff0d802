package dev.mayfly.builders.engine.manifest;

import dev.mayfly.builders.engine.toml.BoundedToml;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.InvalidField;
import dev.mayfly.model.InvalidFieldException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** One table of the manifest with the keys it may have. Whatever is wrong is thrown as the field that it is, with its line. */
record Fields(BoundedToml whole, TomlTable toml, String prefix, Set<String> known) {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})\\s?(MiB|GiB|MB|GB|M|G)");

    Fields {
        for (String key : toml.keySet()) {
            if (!known.contains(key)) {
                throw wrong(
                        lineOf(whole, toml, key),
                        prefix + key,
                        "unknown key",
                        String.join(", ", known.stream().sorted().toList()));
            }
        }
    }

    boolean has(String key) {
        return toml.contains(List.of(key));
    }

    Fields table(String key, Set<String> keys) {
        if (!has(key)) {
            return new Fields(whole, BoundedToml.parse("").table(), prefix + key + ".", keys);
        }
        if (toml.get(List.of(key)) instanceof TomlTable table) {
            return new Fields(whole, table, prefix + key + ".", keys);
        }
        throw wrong(key, "a table");
    }

    /** Tables of an array of tables. */
    List<Fields> tables(String key, Set<String> keys) {
        List<Fields> readers = new ArrayList<>();
        switch (toml.get(List.of(key))) {
            case null -> {}
            case TomlArray array -> {
                for (int i = 0; i < array.size(); i++) {
                    if (!(array.get(i) instanceof TomlTable table)) {
                        throw wrong(key, "tables, each under [[" + key + "]]");
                    }
                    readers.add(new Fields(whole, table, prefix + key + ".", keys));
                }
            }
            default -> throw wrong(key, "tables, each under [[" + key + "]]");
        }
        return readers;
    }

    String required(String key) {
        return text(key)
                .orElseThrow(() -> wrong(
                        toml.keySet().stream().findFirst().map(this::line).orElse(1),
                        prefix + key,
                        "nothing",
                        "a value"));
    }

    ZoneId zone(String key) {
        try {
            return ZoneId.of(text(key).orElse("UTC"));
        } catch (DateTimeException e) {
            throw wrong(key, "a time zone such as \"Europe/Berlin\"");
        }
    }

    /**
     * A value that is made of fields of this table. What its own type finds wrong gets the line of the field that it names, if
     * that is one of this table, else of this one.
     */
    <T> T checked(String key, Supplier<T> value) {
        try {
            return value.get();
        } catch (InvalidFieldException e) {
            if (e.field().line().isPresent()) {
                throw e;
            }
            String named = known.contains(e.field().path()) ? e.field().path() : key;
            throw new InvalidFieldException(e.code(), e.field().at(prefix + named, at(line(named))));
        }
    }

    Optional<String> text(String key) {
        return text(key, "a string of at most 1024 characters");
    }

    private Optional<String> text(String key, String expected) {
        return switch (toml.get(List.of(key))) {
            case null -> Optional.empty();
            case String text when text.length() <= 1_024 -> Optional.of(text);
            default -> throw wrong(key, expected);
        };
    }

    int integer(String key, int otherwise) {
        return switch (toml.get(List.of(key))) {
            case null -> otherwise;
            case Long number when number >= 0 && number <= Integer.MAX_VALUE -> number.intValue();
            default -> throw wrong(key, "a whole number");
        };
    }

    double decimal(String key, double otherwise) {
        return switch (toml.get(List.of(key))) {
            case null -> otherwise;
            case Number number -> number.doubleValue();
            default -> throw wrong(key, "a number");
        };
    }

    int mebibytes(String key, int otherwise) {
        String expected = "a size such as \"256MiB\" or \"1GiB\"";
        Optional<String> text = text(key, expected);
        if (text.isEmpty()) {
            return otherwise;
        }
        Matcher size = SIZE.matcher(text.get());
        if (!size.matches()) {
            throw wrong(key, expected);
        }
        long number = Long.parseLong(size.group(1)) * (size.group(2).startsWith("G") ? 1_024 : 1);
        return (int) Math.min(number, Integer.MAX_VALUE);
    }

    Duration duration(String key, Duration otherwise) {
        String expected = "a duration such as \"30s\" or \"5m\"";
        Optional<String> text = text(key, expected);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return ConfigReader.parseDuration(text.get());
        } catch (IllegalArgumentException e) {
            throw wrong(key, expected);
        }
    }

    <T extends Enum<T>> T choice(String key, Class<T> type, T otherwise) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        for (T each : type.getEnumConstants()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(text.get())) {
                return each;
            }
        }
        String all = Arrays.stream(type.getEnumConstants())
                .map(each -> "\"" + each.name().toLowerCase(Locale.ROOT) + "\"")
                .collect(Collectors.joining(" or "));
        throw wrong(key, all);
    }

    int line(String key) {
        return lineOf(whole, toml, key);
    }

    /** The field as it stands is wrong. */
    InvalidFieldException wrong(String key, String expected) {
        Object value = toml.get(List.of(key));
        return wrong(line(key), prefix + key, value instanceof TomlTable ? "a table" : "'" + value + "'", expected);
    }

    /** @param value as people are shown it */
    static InvalidFieldException wrong(int line, String path, String value, String expected) {
        return new InvalidFieldException(
                ErrorCode.MANIFEST_INVALID,
                InvalidField.of(path, value, expected).at(path, at(line)));
    }

    private static InvalidField.Line at(int line) {
        return new InvalidField.Line(ManifestReader.FILE, line);
    }

    private static int lineOf(BoundedToml whole, TomlTable toml, String key) {
        return whole.line(toml.inputPositionOf(List.of(key)));
    }
}
