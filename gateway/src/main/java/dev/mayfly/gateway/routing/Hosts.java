package dev.mayfly.gateway.routing;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Host names as keys: without port and final dot, in lower case. */
public final class Hosts {
    private static final int NAME_CHARS_MAX = 253;

    private Hosts() {}

    /**
     * The key of a {@code Host} header's value, or null if it is not a host with an optional port. Underscores pass: such
     * names exist and simply have no route.
     */
    public static @Nullable String key(String authority) {
        int end = hostEnd(authority);
        if (end <= 0 || !validPort(authority, end)) {
            return null;
        }
        if (authority.charAt(0) == '[') {
            return authority.substring(0, end).toLowerCase(Locale.ROOT);
        }
        boolean upper = false;
        for (int i = 0; i < end; i++) {
            char c = authority.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                upper = true;
            } else if (!nameChar(c)) {
                return null;
            }
        }
        if (authority.charAt(end - 1) == '.') {
            end--;
        }
        if (end == 0 || end > NAME_CHARS_MAX) {
            return null;
        }
        String host = end == authority.length() ? authority : authority.substring(0, end);
        return upper ? host.toLowerCase(Locale.ROOT) : host;
    }

    private static boolean nameChar(char c) {
        return c < 128 && (Character.isLowerCase(c) || Character.isDigit(c) || c == '-' || c == '.' || c == '_');
    }

    private static int hostEnd(String authority) {
        if (authority.isEmpty()) {
            return -1;
        }
        if (authority.charAt(0) == '[') {
            return bracketEnd(authority);
        }
        int colon = authority.indexOf(':');
        return colon < 0 ? authority.length() : colon;
    }

    private static int bracketEnd(String authority) {
        int close = authority.indexOf(']');
        for (int i = 1; i < close; i++) {
            char c = authority.charAt(i);
            if (Character.digit(c, 16) < 0 && c != ':' && c != '.') {
                return -1;
            }
        }
        return close < 3 ? -1 : close + 1;
    }

    private static boolean validPort(String authority, int from) {
        if (from == authority.length()) {
            return true;
        }
        int digits = authority.length() - from - 1;
        if (authority.charAt(from) != ':' || digits > 5) {
            return false;
        }
        int port = 0;
        for (int i = from + 1; i < authority.length(); i++) {
            char c = authority.charAt(i);
            if (c < '0' || c > '9') {
                return false;
            }
            port = port * 10 + c - '0';
        }
        return port <= 65_535;
    }
}
