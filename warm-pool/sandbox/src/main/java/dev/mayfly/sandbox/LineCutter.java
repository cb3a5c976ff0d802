package dev.mayfly.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cuts bytes into lines of at most 16 KiB; longer ones come in parts. Not safe for use by several threads. */
public final class LineCutter {
    private static final Logger log = LoggerFactory.getLogger(LineCutter.class);
    static final int LINE_BYTES_MAX = 16 * 1024;
    private static final int LINE_BYTES_FIRST = 128;

    private final Consumer<String> lines;

    /** Grows with what comes: most sandboxes print little or nothing, and there are many. */
    private byte[] line = {};

    private int length;

    public LineCutter(Consumer<String> lines) {
        this.lines = lines;
    }

    /** Whatever becomes of these, the next ones are taken again: the program waits for whoever reads to go on. */
    public void feed(byte[] bytes, int from, int count) {
        try {
            cut(bytes, from, count);
        } catch (RuntimeException | Error e) {
            lost(e);
        }
    }

    private void cut(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count; i++) {
            byte next = bytes[i];
            if (next == '\n') {
                emit();
            } else {
                if (length == LINE_BYTES_MAX) {
                    emit();
                }
                if (length == line.length) {
                    line = Arrays.copyOf(line, Math.clamp(length * 2L, LINE_BYTES_FIRST, LINE_BYTES_MAX));
                }
                line[length++] = next;
            }
        }
    }

    /** The stream has ended: what is left is a line too. */
    public void end() {
        try {
            if (length > 0) {
                emit();
            }
        } catch (RuntimeException | Error e) {
            lost(e);
        }
    }

    private static void lost(Throwable why) {
        try {
            log.atError().setCause(why).log("Something that a sandbox printed was lost");
        } catch (RuntimeException | Error e) {
            why.addSuppressed(e); // There is nothing left to say it with.
        }
    }

    private void emit() {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        try {
            lines.accept(new String(line, 0, end, StandardCharsets.UTF_8));
        } finally {
            length = 0; // One that could not be taken is not part of the next.
        }
    }
}
