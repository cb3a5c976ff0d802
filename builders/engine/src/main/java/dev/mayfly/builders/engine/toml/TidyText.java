package dev.mayfly.builders.engine.toml;

import java.util.Arrays;

/**
 * The text of a TOML file without comments and empty lines, and a count of what is in it, in one pass over its characters. Not a
 * parser: what it takes wrongly (in text that is no TOML) is still the parser's to refuse, only fewer of it.
 *
 * <p>Why: the parser that we use takes time with the third power of lines that hold nothing (2,000 of them: nine seconds) and a
 * kilobyte of memory for each sign.
 */
final class TidyText {
    static final int LINES_MAX = 4_000;
    static final int SIGNS_MAX = 10_000;
    static final int DEPTH_MAX = 16;
    static final int KEY_PARTS_MAX = 16;

    private final String in;
    private final StringBuilder out;
    /** For each line of {@link #out}, from 0, its line of {@link #in}, from 1. */
    private int[] lines = new int[64];

    private int linesOut;
    private int line = 1;
    private int at;
    private int signs;
    private int depth;
    private int parts;
    private boolean something;

    TidyText(String in) {
        this.in = in;
        this.out = new StringBuilder(in.length());
        lines[0] = 1;
    }

    /** @throws BoundedToml.Wrong if there is too much of something */
    TidyText run() {
        while (at < in.length()) {
            char c = in.charAt(at);
            switch (c) {
                case '#' -> skipComment();
                case '\n' -> newline();
                case '\r' -> carriageReturn();
                case ' ', '\t' -> blank(c);
                case '"', '\'' -> string(c);
                default -> other(c);
            }
        }
        return this;
    }

    String text() {
        return out.toString();
    }

    /** The line of the file that this line of {@link #text} was; both from 1. */
    int originalLine(int tidied) {
        return lines[Math.clamp(tidied - 1L, 0, linesOut)];
    }

    private void skipComment() {
        int end = in.indexOf('\n', at);
        for (int i = at; i < (end < 0 ? in.length() : end); i++) {
            char c = in.charAt(i);
            if ((c < ' ' && c != '\t' && !(c == '\r' && i + 1 == end)) || c == 0x7f) {
                throw refused("a control character in a comment", "none");
            }
        }
        at = end < 0 ? in.length() : end;
    }

    /** One of those that follow each other, with nothing but blanks and comments between, is as good as all. */
    private void newline() {
        at++;
        line++;
        if (something) {
            trimBlanks();
            out.append('\n');
            something = false;
            linesOut++;
            count(linesOut, LINES_MAX, "lines that hold something");
        }
        if (linesOut == lines.length) {
            lines = Arrays.copyOf(lines, lines.length * 2);
        }
        lines[linesOut] = line;
        parts = 0;
    }

    private void carriageReturn() {
        if (at + 1 < in.length() && in.charAt(at + 1) == '\n') {
            at++;
        } else {
            other('\r');
        }
    }

    private void blank(char c) {
        if (something) {
            out.append(c);
        }
        at++;
    }

    private void trimBlanks() {
        int end = out.length();
        while (end > 0 && (out.charAt(end - 1) == ' ' || out.charAt(end - 1) == '\t')) {
            end--;
        }
        out.setLength(end);
    }

    private void other(char c) {
        something = true;
        switch (c) {
            case '[', '{' -> {
                depth++;
                parts = 0;
                if (depth > DEPTH_MAX) {
                    throw refused("brackets " + depth + " deep", "at most " + DEPTH_MAX);
                }
            }
            case ']', '}' -> depth = Math.max(0, depth - 1);
            case '.' -> {
                if (++parts >= KEY_PARTS_MAX) {
                    throw refused("a key of more than " + KEY_PARTS_MAX + " parts", "at most that");
                }
            }
            case ',', '=' -> parts = 0;
            default -> {}
        }
        if (countsAlone(c, at == 0 ? '\n' : in.charAt(at - 1))) {
            sign();
        }
        out.append(c);
        at++;
    }

    /** What is no part of the word before it for the parser: a word's begin, what no word has, and in a date each part. */
    private static boolean countsAlone(char c, char before) {
        if ((!Character.isLetterOrDigit(c) && c != '_')
                || !Character.isLetterOrDigit(before)
                || c > 0x7f
                || before > 0x7f) {
            return true;
        }
        boolean digit = Character.isDigit(c);
        return isOfDate(c) ? isOfDate(before) || Character.isDigit(before) : digit && isOfDate(before);
    }

    private static boolean isOfDate(char c) {
        return "TtZz".indexOf(c) >= 0;
    }

    private void string(char quote) {
        something = true;
        sign();
        boolean block = in.startsWith(String.valueOf(quote).repeat(3), at);
        int length = block ? 3 : 1;
        int end = at + length;
        while (end < in.length()) {
            char c = in.charAt(end);
            if (c == '\\' && quote == '"') {
                sign();
                if (end + 1 < in.length() && in.charAt(end + 1) == '\n') {
                    lineOfString();
                }
                end += 2;
                continue;
            }
            if (c > 0x7f) {
                sign(); // Costs as much.
            }
            if (c == '\n') {
                if (!block) {
                    break; // Not closed: the parser says so.
                }
                lineOfString();
            }
            if (c == quote && (!block || in.startsWith(String.valueOf(quote).repeat(3), end))) {
                end += length;
                break;
            }
            end++;
        }
        end = Math.min(end, in.length());
        out.append(in, at, end);
        at = end;
    }

    private void lineOfString() {
        line++;
        linesOut++;
        count(linesOut, LINES_MAX, "lines that hold something");
        if (linesOut == lines.length) {
            lines = Arrays.copyOf(lines, lines.length * 2);
        }
        lines[linesOut] = line;
    }

    private void sign() {
        count(++signs, SIGNS_MAX, "words and signs");
    }

    private void count(int number, int max, String what) {
        if (number > max) {
            throw refused("more than " + max + " " + what, "at most that");
        }
    }

    private BoundedToml.Wrong refused(String what, String expected) {
        return new BoundedToml.Wrong(line, what + " (expected: " + expected + ")");
    }
}
