package dev.mayfly.cli;

import dev.mayfly.model.TerminalText;
import java.io.IOException;
import java.io.Writer;

/**
 * On the way to the terminal: whatever is printed, a name, a message or a log, is words and colours and nothing that acts. Works
 * by lines; what has no end yet is passed on when it is flushed.
 */
final class SafeWriter extends Writer {
    private static final int LINE_CHARS_MAX = 64 * 1024;

    private final Writer out;
    private final StringBuilder line = new StringBuilder();

    SafeWriter(Writer out) {
        this.out = out;
    }

    @Override
    public void write(char[] text, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            if (text[i] == '\n') {
                passOn();
                out.write('\n');
            } else {
                line.append(text[i]);
                if (line.length() == LINE_CHARS_MAX) {
                    passOn();
                }
            }
        }
    }

    private void passOn() throws IOException {
        out.write(TerminalText.safe(line.toString()));
        line.setLength(0);
    }

    @Override
    public void flush() throws IOException {
        passOn();
        out.flush();
    }

    @Override
    public void close() throws IOException {
        passOn();
        out.close();
    }
}
