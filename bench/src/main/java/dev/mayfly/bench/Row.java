package dev.mayfly.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One measured thing beside what it is measured against in the same run.
 *
 * @param against the floor or peer; null if there is none
 */
record Row(String what, double value, String unit, @Nullable String against, double againstValue) {
    static Row alone(String what, double value, String unit) {
        return new Row(what, value, unit, null, 0);
    }

    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("what", what);
        map.put("value", round(value));
        map.put("unit", unit);
        map.put("against", against);
        map.put("against_value", against == null ? null : round(againstValue));
        map.put("ratio", against == null || againstValue == 0 ? null : round(value / againstValue));
        map.put("bar", null);
        map.put("holds", null);
        return map;
    }

    String toLine() {
        return against == null
                ? String.format("%-40s %10.2f %s", what, value, unit)
                : String.format(
                        "%-40s %10.2f %-4s  %s %.2f, ratio %.2f",
                        what, value, unit, against, againstValue, value / againstValue);
    }

    private static double round(double number) {
        return Math.round(number * 1000) / 1000.0;
    }
}
