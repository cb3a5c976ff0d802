package dev.mayfly.gateway.http;

/**
 * Which header fields are not an app's or a caller's to send through. A name with an underscore in place of a hyphen
 * counts as the same name: CGI-like servers (WSGI, PHP) cannot tell them apart, so a caller could forge one by the other.
 */
final class Names {
    enum Kind {
        PLAIN,
        HOST,
        CONTENT_LENGTH,
        TRANSFER_ENCODING,
        CONNECTION,
        UPGRADE,
        EXPECT,
        REQUEST_ID,
        TRACE_PARENT,
        /** Meant for one hop, or ours to say. */
        DROPPED
    }

    private Names() {}

    static Kind ofRequest(String name) {
        if (name.isEmpty()) {
            return Kind.DROPPED;
        }
        Kind kind = lookUp(name);
        // The underscored twin of a name that means something is never meant well.
        return kind != Kind.PLAIN && name.indexOf('_') >= 0 ? Kind.DROPPED : kind;
    }

    private static Kind lookUp(String name) {
        return switch (name.charAt(0) | 0x20) {
            case 'h' -> same(name, "host") ? Kind.HOST : same(name, "http2-settings") ? Kind.DROPPED : Kind.PLAIN;
            case 'c' ->
                same(name, "connection")
                        ? Kind.CONNECTION
                        : same(name, "content-length") ? Kind.CONTENT_LENGTH : Kind.PLAIN;
            case 't' -> startingWithT(name);
            case 'u' -> same(name, "upgrade") ? Kind.UPGRADE : Kind.PLAIN;
            case 'e' -> same(name, "expect") ? Kind.EXPECT : Kind.PLAIN;
            case 'k' -> dropped(same(name, "keep-alive"));
            case 'f' -> dropped(same(name, "forwarded"));
            case 'm' -> dropped(startsWith(name, "mayfly-"));
            case 'p' ->
                dropped(same(name, "proxy-connection")
                        || same(name, "proxy-authorization")
                        || same(name, "proxy-authenticate")
                        // The httpoxy name: CGI-like servers read it as their own proxy setting.
                        || same(name, "proxy"));
            case 'x' ->
                same(name, "x-request-id")
                        ? Kind.REQUEST_ID
                        : dropped(startsWith(name, "x-forwarded-")
                                || startsWith(name, "x-mayfly-")
                                || same(name, "x-real-ip")
                                || same(name, "x-original-url")
                                || same(name, "x-rewrite-url"));
            default -> Kind.PLAIN;
        };
    }

    private static Kind startingWithT(String name) {
        if (same(name, "transfer-encoding")) {
            return Kind.TRANSFER_ENCODING;
        }
        if (same(name, "traceparent")) {
            return Kind.TRACE_PARENT;
        }
        return dropped(same(name, "te") || same(name, "trailer"));
    }

    /** Whether an answer's field stops here. Its length and coding are set anew from how the body arrives. */
    static boolean stopsInAnswer(String name) {
        return switch (name.isEmpty() ? 0 : name.charAt(0) | 0x20) {
            case 0 -> true;
            case 'c' -> same(name, "connection");
            case 'k' -> same(name, "keep-alive");
            case 't' -> same(name, "transfer-encoding") || same(name, "te");
            case 'u' -> same(name, "upgrade");
            case 'p' -> same(name, "proxy-connection");
            case 'm' -> startsWith(name, "mayfly-");
            default -> false;
        };
    }

    private static Kind dropped(boolean yes) {
        return yes ? Kind.DROPPED : Kind.PLAIN;
    }

    private static boolean same(String name, String lower) {
        return name.length() == lower.length() && startsWith(name, lower);
    }

    private static boolean startsWith(String name, String lower) {
        if (name.length() < lower.length()) {
            return false;
        }
        for (int i = 0; i < lower.length(); i++) {
            char c = name.charAt(i);
            char expected = lower.charAt(i);
            boolean equal = expected == '-' ? c == '-' || c == '_' : c == expected || (c | 0x20) == expected;
            if (!equal) {
                return false;
            }
        }
        return true;
    }
}
