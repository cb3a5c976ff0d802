package dev.mayfly.builders.toolchains.host;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an app says of its Python: a version as in {@code .python-version}, or clauses as in {@code requires-python}. A patch
 * release that differs is taken as fitting: Debian's gets fixes without a new number.
 */
final class PythonRange {
    private static final Pattern CLAUSE =
            Pattern.compile("(==|~=|>=|<=|!=|<|>|\\^|~)?\\s*v?(\\d{1,6})(?:\\.(\\d{1,6}|\\*))?(?:\\.(\\d{1,6}|\\*))?");

    private PythonRange() {}

    /** @param minor of a Python 3 */
    static boolean holds(String range, int minor) {
        for (String clause : range.strip().replaceFirst("^python-?", "").split(",", -1)) {
            Matcher parts = CLAUSE.matcher(clause.strip());
            if (!parts.matches() || !holds(parts, minor)) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(Matcher clause, int minor) {
        int major = Integer.parseInt(clause.group(2));
        if (major != 3) {
            return beyond(clause.group(1), major);
        }
        String digits = clause.group(3);
        if (digits == null || digits.equals("*")) {
            return true;
        }
        boolean patch = clause.group(4) != null && !clause.group(4).equals("*");
        int wanted = Integer.parseInt(digits);
        return switch (clause.group(1) == null ? "==" : clause.group(1)) {
            case "==", "~" -> minor == wanted;
            case "~=" -> patch ? minor == wanted : minor >= wanted;
            case ">=", "^" -> minor >= wanted;
            case ">" -> patch ? minor >= wanted : minor > wanted;
            case "<=" -> minor <= wanted;
            case "<" -> minor < wanted;
            case "!=" -> patch || minor != wanted;
            default -> false;
        };
    }

    /** {@code >=2.7} and {@code <4} hold for every Python 3. */
    private static boolean beyond(@Nullable String operator, int major) {
        return major < 3
                ? ">=".equals(operator) || ">".equals(operator)
                : "<".equals(operator) || "<=".equals(operator);
    }
}
