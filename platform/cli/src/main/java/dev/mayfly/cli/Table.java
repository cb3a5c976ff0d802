package dev.mayfly.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints lists in columns as wide as they need to be. */
final class Table {
    private Table() {}

    /** @param columns names of members; a dotted one's last part is its title */
    static void print(PrintWriter out, JsonNode items, String... columns) {
        List<List<String>> rows = new ArrayList<>();
        List<String> titles = new ArrayList<>();
        for (String column : columns) {
            titles.add(column.replaceAll("([A-Z])", " $1").toUpperCase(Locale.ROOT));
        }
        rows.add(titles);
        for (JsonNode item : items) {
            List<String> row = new ArrayList<>();
            for (String column : columns) {
                JsonNode value = item.path(column);
                row.add(value.isMissingNode() || value.isNull() ? "-" : shorten(value.asText()));
            }
            rows.add(row);
        }
        int[] widths = new int[columns.length];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            out.println(line.toString().stripTrailing());
        }
        out.flush();
    }

    /** Times to the second, as people need them. */
    private static String shorten(String text) {
        return text.matches("\\d{4}-\\d\\d-\\d\\dT.*\\.\\d+Z") ? text.substring(0, 19) + "Z" : text;
    }
}
