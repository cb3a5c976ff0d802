package dev.mayfly.builders.engine.toml;

import java.util.LinkedHashMap;
import java.util.Map;

/** Texts that cost a parser much: the worst within the limits, and far more than that. */
public final class HostileToml {
    private HostileToml() {}

    /** Texts by name. */
    public static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        for (int size : new int[] {9_900, BoundedToml.CHARACTERS_MAX - 64}) {
            String of = " of " + size;
            all.put("keys" + of, many("k#=1\n", size));
            all.put("tables" + of, many("[t#]\n", size));
            all.put("tables in an array" + of, many("[[a]]\n", size));
            all.put("numbers" + of, "x=[" + many("1,", size) + "1]");
            all.put("numbers line by line" + of, "x=[\n" + many("1\n,\n", size) + "1]");
            all.put("inline tables" + of, "x=[" + many("{a=1},", size) + "1]");
            all.put("empty arrays" + of, "x=[" + many("[],", size) + "[]]");
            all.put("dates" + of, "x=[" + many("1979-05-27T07:32:00Z,", size) + "1]");
            all.put("lines that are wrong" + of, many("a\n", size));
            all.put("other lines that are wrong" + of, many("=\n", size));
            all.put("quotes" + of, many("\"\"\n", size));
            all.put("the same key" + of, many("a=1\n", size));
            all.put("one string" + of, "x=\"" + many("y", size) + "\"");
            all.put("one string in another script" + of, "x=\"" + many("\u00e9", size) + "\"");
            all.put("escapes" + of, "x=\"" + many("\\n", size) + "\"");
            all.put("a block of lines" + of, "x=\"\"\"" + many("y\n", size) + "\"\"\"");
            all.put("an open block" + of, "x=\"\"\"\n" + many("y=1\n", size));
            all.put("an open array" + of, "x=[\n" + many("1\n", size));
            all.put("empty lines" + of, many("\n", size) + "x=1");
            all.put("empty lines at the end" + of, "x=1\n" + many("\n", size));
            all.put("blank lines" + of, many(" \r\n", size) + "x=1");
            all.put("comments" + of, "#\n".repeat(size / 2 - 4) + "x=1");
            all.put("empty lines in an array" + of, "x=[" + many("\n", size) + "1]");
            all.put("blanks" + of, "x =" + many(" ", size) + "1");
            all.put("returns" + of, many("\r", size));
            all.put("signs of a time" + of, "x=1-" + many("T", size));
            all.put("signs of a zone" + of, "x=1979-05-27" + many("Z", size));
            all.put("a date of digits and signs" + of, "x=1-" + many("1T", size));
            all.put("letters in an array" + of, "x=[" + many("a", size));
            all.put("letters in an array that looks closed" + of, "x=[}\n[" + many("a", size));
            all.put("letters of another script" + of, many("\u00e9", size));
            all.put("letters of another script in an array" + of, "x=[" + many("\u00e9", size));
            all.put("digits of another script" + of, "x=[" + many("\u0661", size));
            all.put("digits" + of, "x=" + many("9", size));
            all.put("an exponent" + of, "x=1e" + many("9", size));
            all.put("deep keys" + of, many("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o#=1\n", size));
            all.put("deep tables" + of, many("[[a.b.c.d.e.f.g.h.i.j.k.l.m.n.o]]\n", size));
            all.put("deep arrays" + of, many("x#=" + "[".repeat(15) + "]".repeat(15) + "\n", size));
        }
        int size = BoundedToml.CHARACTERS_MAX - 64;
        all.put("one deep array", "x=" + "[".repeat(size / 2) + "]".repeat(size / 2));
        all.put("one open deep array", "x=" + "[".repeat(size));
        all.put("one deep key", "a.".repeat(size / 2) + "a=1");
        all.put("one deep key of quotes", "\"\".".repeat(size / 3) + "a=1");
        all.put("one deep inline table", "x={".repeat(size / 4) + "}".repeat(size / 4));
        all.put("a mebibyte", "#".repeat(1 << 20));
        return all;
    }

    private static String many(String part, int size) {
        StringBuilder text = new StringBuilder(size);
        for (int i = 0; text.length() + part.length() + 8 < size; i++) {
            text.append(part.replace("#", String.valueOf(i)));
        }
        return text.toString();
    }
}
