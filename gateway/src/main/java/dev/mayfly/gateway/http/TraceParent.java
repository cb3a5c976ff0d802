package dev.mayfly.gateway.http;

/** W3C trace context, version 00: {@code 00-<32 hex>-<16 hex>-<2 hex>}. */
public final class TraceParent {
    static final int CHARS = 55;

    private TraceParent() {}

    static boolean valid(String value) {
        if (value.length() != CHARS || !value.startsWith("00-") || value.charAt(35) != '-' || value.charAt(52) != '-') {
            return false;
        }
        return hex(value, 3, 35)
                && hex(value, 36, 52)
                && hex(value, 53, 55)
                && some(value, 3, 35)
                && some(value, 36, 52);
    }

    /** The trace id of a valid value. */
    public static String traceId(String value) {
        return value.substring(3, 35);
    }

    private static boolean hex(String value, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = value.charAt(i);
            if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
                return false;
            }
        }
        return true;
    }

    private static boolean some(String value, int from, int to) {
        for (int i = from; i < to; i++) {
            if (value.charAt(i) != '0') {
                return true;
            }
        }
        return false;
    }
}
