package dev.mayfly.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TerminalTextTest {
    /** Nothing but what a reader sees. */
    private static boolean seen(int c) {
        boolean turns = "\u061c\u200e\u200f\u2028".indexOf(c) >= 0 || (c >= 0x2029 && c <= 0x202e);
        boolean isolates = c >= 0x2066 && c <= 0x2069;
        return c == '\t' || (c >= 0x20 && c < 0x7f) || (c > 0x9f && !turns && !isolates);
    }

    /** The title, the clipboard, clearing, lines above, answers in the reader's stead, ends of lines, directions. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b]0;owned\u0007",
                "\u001b]52;c;cm0gLXJmIC8=\u0007",
                "\u001b[2J\u001b[H",
                "\u001b[1A\u001b[2K",
                "\u001b[6n",
                "\u001bP+q544e\u001b\\",
                "\u009b31m",
                "\u009d0;owned\u009c",
                "\r over the line",
                "back\b\b\b\b",
                "\u007f",
                "\u0000",
                "a\nforged line",
                "gnp\u202eexe.",
                "\u2066isolated\u2069",
                "\u200f\u061c\u2028",
                "\u001b",
                "\u001b[",
                "\u001b[31",
                "\u001b[31;\u001b]0;x\u0007m"
            })
    void whatActsIsSeenInstead(String hostile) {
        String safe = TerminalText.safe("name" + hostile);
        assertThat(safe).startsWith("name").contains("\\u");
        assertThat(safe.replaceAll("\u001b\\[[0-9;:]*m", "").chars()).allMatch(TerminalTextTest::seen);
    }

    @Test
    void coloursStayAndEndWithTheLine() {
        assertThat(TerminalText.safe("\u001b[1;31mred")).isEqualTo("\u001b[1;31mred\u001b[0m");
        assertThat(TerminalText.safe("\u001b[38;2;1;2;3mrgb\u001b[0m")).isEqualTo("\u001b[38;2;1;2;3mrgb\u001b[0m");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "a\tb", "\u00e4\u4f60\ud83d\udc69\u200d\ud83d\udc67", "\\u001b"})
    void whatIsSeenAnyhowStaysAsItIs(String line) {
        assertThat(TerminalText.safe(line)).isSameAs(line);
    }
}
