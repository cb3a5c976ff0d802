package dev.mayfly.bench.report;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One measured thing beside what it is measured against in the same run.
 *
 * @param against the floor or peer; null if there is none
 * @param bar what it has to reach, in words; null if nothing
 * @param holds whether it reaches it; null without a bar
 */
public record Row(
        String what,
        double value,
        String unit,
        @Nullable String against,
        double againstValue,
        @Nullable String bar,
        @Nullable Boolean holds) {

    public static Row alone(String what, double value, String unit) {
        return new Row(what, value, unit, null, 0, null, null);
    }

    public static Row beside(String what, double value, String unit, String against, double againstValue) {
        return new Row(what, value, unit, against, againstValue, null, null);
    }

    public Row bar(String text, boolean reached) {
        return new Row(what, value, unit, against, againstValue, text, reached);
    }

    public double ratio() {
        return value / againstValue;
    }

    public Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("what", what);
        map.put("value", round(value));
        map.put("unit", unit);
        map.put("against", against);
        map.put("against_value", against == null ? null : round(againstValue));
        map.put("ratio", against == null || againstValue == 0 ? null : round(ratio()));
        map.put("bar", bar);
        map.put("holds", holds);
        return map;
    }

    public String toLine() {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-44s %12.2f %-5s", what, value, unit));
        if (against != null) {
            line.append(String.format(Locale.ROOT, "  %s %.2f, ratio %.2f", against, againstValue, ratio()));
        }
        if (bar != null) {
            line.append("  [").append(bar).append(Boolean.TRUE.equals(holds) ? ": holds]" : ": MISSED]");
        }
        return line.toString().stripTrailing();
    }

    private static double round(double number) {
        return Math.round(number * 1000) / 1000.0;
    }
}
