package dev.mayfly.model;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a tenant wrote, fit for the terminal of whoever reads it. Characters that act instead of being seen, as they move the
 * cursor, name the window, answer in the reader's stead or turn the order of letters, become what a reader can see, such as
 * a backslash with {@code u001b}. Colours stay: programs print them for people. They end with their line.
 */
public final class TerminalText {
    /** Colour and weight of letters; nothing else that begins with an escape. */
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;:]{0,32}m");

    private static final String PLAIN = "\u001b[0m";

    private TerminalText() {}

    /** One line, without its end. */
    public static String safe(String line) {
        for (int i = 0; i < line.length(); i++) {
            if (acts(line.charAt(i))) {
                return escaped(line);
            }
        }
        return line;
    }

    private static String escaped(String line) {
        StringBuilder safe = new StringBuilder(line.length() + 32);
        Matcher colours = COLOUR.matcher(line);
        boolean coloured = false;
        for (int i = 0; i < line.length(); i++) {
            char next = line.charAt(i);
            if (next == '\u001b' && colours.region(i, line.length()).lookingAt()) {
                safe.append(line, i, colours.end());
                coloured = true;
                i = colours.end() - 1;
            } else if (acts(next)) {
                safe.append(String.format(Locale.ROOT, "\\u%04x", (int) next));
            } else {
                safe.append(next);
            }
        }
        return coloured && !line.endsWith(PLAIN) ? safe.append(PLAIN).toString() : safe.toString();
    }

    /** Controls of ASCII and of Latin-1, ends of lines of Unicode, and what turns the direction of writing. */
    private static boolean acts(char c) {
        if (c < 0x20) {
            return c != '\t';
        }
        return c >= 0x7f
                && (c <= 0x9f
                        || c == 0x61c
                        || (c >= 0x200e && c <= 0x200f)
                        || (c >= 0x2028 && c <= 0x202e)
                        || (c >= 0x2066 && c <= 0x2069));
    }
}
