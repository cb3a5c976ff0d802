package dev.mayfly.gateway.http;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Ids of requests and traces, of the same form as {@link dev.mayfly.model.Ids}. They need to be unique, not secret, so
 * they come from a fast generator that one event loop owns; the shared secure one takes a lock.
 */
public final class RequestIds {
    private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private static final int CHARS_MAX = 128;

    private final Clock clock;
    private final RandomGenerator random;

    public RequestIds(Clock clock) {
        this.clock = clock;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(new SecureRandom().generateSeed(24));
    }

    /** A new id {@code req_…}: ten characters of time, eight random ones. */
    public String next() {
        char[] out = new char[22];
        out[0] = 'r';
        out[1] = 'e';
        out[2] = 'q';
        out[3] = '_';
        long millis = clock.millis();
        for (int i = 13; i >= 4; i--) {
            out[i] = ALPHABET[(int) (millis & 31)];
            millis >>>= 5;
        }
        long bits = random.nextLong();
        for (int i = 14; i < 22; i++) {
            out[i] = ALPHABET[(int) (bits & 31)];
            bits >>>= 5;
        }
        return new String(out);
    }

    /** A new trace context: sampled by nobody yet. */
    public String nextTraceParent() {
        char[] out = new char[TraceParent.CHARS];
        out[0] = '0';
        out[1] = '0';
        out[2] = '-';
        hex(out, 3, random.nextLong() | 1);
        hex(out, 19, random.nextLong());
        out[35] = '-';
        hex(out, 36, random.nextLong() | 1);
        out[52] = '-';
        out[53] = '0';
        out[54] = '0';
        return new String(out);
    }

    private static void hex(char[] out, int from, long bits) {
        long rest = bits;
        for (int i = from; i < from + 16; i++) {
            out[i] = HEX[(int) (rest & 15)];
            rest >>>= 4;
        }
    }

    /** Whether a caller's own id may go into headers, logs and problem documents. */
    static boolean acceptable(String id) {
        if (id.isEmpty() || id.length() > CHARS_MAX) {
            return false;
        }
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c >= 128 || (!Character.isLetterOrDigit(c) && "-_.:+/=".indexOf(c) < 0)) {
                return false;
            }
        }
        return true;
    }
}
