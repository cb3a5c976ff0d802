package dev.mayfly.builders.engine.layers;

import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Writes values as TOML, tables inline. The parser that we use cannot write. */
public final class TomlWriter {
    private TomlWriter() {}

    /** The table's own lines, one for each key. */
    public static String write(TomlTable table) {
        StringBuilder text = new StringBuilder();
        for (String key : table.keySet()) {
            text.append(quote(key))
                    .append(" = ")
                    .append(value(table.get(List.of(key))))
                    .append('\n');
        }
        return text.toString();
    }

    /** A basic string with everything escaped that needs it. */
    public static String quote(String value) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                case '\r' -> text.append("\\r");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (c < 0x20 || c == 0x7f) {
                        text.append(String.format("\\u%04x", (int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        return text.append('"').toString();
    }

    private static String value(@Nullable Object value) {
        return switch (value) {
            case null -> "\"\"";
            case String text -> quote(text);
            case TomlTable table -> {
                List<String> parts = new ArrayList<>();
                for (String key : table.keySet()) {
                    parts.add(quote(key) + " = " + value(table.get(List.of(key))));
                }
                yield "{ " + String.join(", ", parts) + " }";
            }
            case TomlArray array -> {
                List<String> parts = new ArrayList<>();
                for (int i = 0; i < array.size(); i++) {
                    parts.add(value(array.get(i)));
                }
                yield "[" + String.join(", ", parts) + "]";
            }
            case Double number when number.isNaN() -> "nan";
            case Double number when number.isInfinite() -> number > 0 ? "inf" : "-inf";
            // As text, Java leaves seconds away that are zero.
            case LocalTime time -> DateTimeFormatter.ISO_LOCAL_TIME.format(time);
            case LocalDateTime time -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(time);
            case OffsetDateTime time -> DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
            default -> value.toString();
        };
    }
}
