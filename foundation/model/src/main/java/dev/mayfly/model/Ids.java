package dev.mayfly.model;

import java.security.SecureRandom;
import java.time.Clock;

/**
 * Makes ids such as {@code bld_01k3zq5m8v3n7r2d}: a prefix, ten characters of milliseconds since 1970 and six random
 * ones, in Crockford's base 32. They sort by time. An id is never a capability: every look-up also names the tenant.
 */
public final class Ids {
    private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final int TIME_CHARS = 10;
    private static final int RANDOM_CHARS = 6;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {}

    public static String build(Clock clock) {
        return next("bld_", clock);
    }

    public static String instance(Clock clock) {
        return next("ins_", clock);
    }

    public static String request(Clock clock) {
        return next("req_", clock);
    }

    /** A new id with this prefix, which ends in an underscore. */
    public static String next(String prefix, Clock clock) {
        char[] out = new char[TIME_CHARS + RANDOM_CHARS];
        long millis = clock.millis();
        for (int i = TIME_CHARS - 1; i >= 0; i--) {
            out[i] = ALPHABET[(int) (millis & 31)];
            millis >>>= 5;
        }
        for (int i = TIME_CHARS; i < out.length; i++) {
            out[i] = ALPHABET[RANDOM.nextInt(ALPHABET.length)];
        }
        return prefix + new String(out);
    }
}
