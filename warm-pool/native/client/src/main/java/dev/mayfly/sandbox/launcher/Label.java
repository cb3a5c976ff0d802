package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.network.Network;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the launcher keeps of a sandbox for a successor of this server.
 *
 * @param words the server's own
 * @param trace of its network ({@link Network#trace}); empty: it has loopback alone
 */
record Label(String words, Optional<String> trace) {
    private static final char BETWEEN = '\n';

    static String of(String words, @Nullable Network network) {
        return network == null ? words : words + BETWEEN + network.trace();
    }

    static Label parse(String text) {
        int end = text.lastIndexOf(BETWEEN);
        return end < 0
                ? new Label(text, Optional.empty())
                : new Label(text.substring(0, end), Optional.of(text.substring(end + 1)));
    }
}
