package dev.mayfly.functions.java.shim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Request line and fields of one HTTP/1.1 request (RFC 9112).
 *
 * @param headers names in lower case
 * @param length bytes of the body; {@link #CHUNKED} if that is not known yet
 */
record Head(
        String method, String target, Map<String, List<String>> headers, long length, boolean close, boolean waits) {
    static final int FIELDS_MAX = 256;
    static final int BODY_BYTES_MAX = 32 * 1024 * 1024;
    static final long CHUNKED = -1;

    static Head parse(String text) throws Refused {
        String[] lines = text.split("\r\n", -1);
        String[] parts = lines[0].split(" ", -1);
        if (parts.length != 3 || !token(parts[0]) || !visible(parts[1])) {
            throw new Refused(400, "request line (expected: method, target, version)");
        }
        boolean current = parts[2].equals("HTTP/1.1");
        if (!current && !parts[2].equals("HTTP/1.0")) {
            throw new Refused(
                    parts[2].startsWith("HTTP/") ? 505 : 400, "version: '" + parts[2] + "' (expected: HTTP/1.1)");
        }
        if (lines.length - 1 > FIELDS_MAX) {
            throw new Refused(431, "more than " + FIELDS_MAX + " header fields");
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (int i = 1; i < lines.length; i++) {
            field(lines[i], headers);
        }
        List<String> hosts = headers.getOrDefault("host", List.of());
        if (hosts.size() > 1 || (current && hosts.isEmpty())) {
            throw new Refused(400, "host: " + (hosts.isEmpty() ? "missing" : "twice (expected: once)"));
        }
        boolean close = current ? lists(headers, "close") : !lists(headers, "keep-alive");
        boolean waits = current && "100-continue".equalsIgnoreCase(first(headers, "expect"));
        return new Head(parts[0], parts[1], headers, length(headers, current), close, waits);
    }

    private static void field(String line, Map<String, List<String>> headers) throws Refused {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon);
        if (!token(name) || line.indexOf('\r') >= 0 || line.indexOf('\n') >= 0 || line.indexOf('\0') >= 0) {
            throw new Refused(400, "header field (expected: name, colon, value)");
        }
        headers.computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new ArrayList<>())
                .add(line.substring(colon + 1).strip());
    }

    private static long length(Map<String, List<String>> headers, boolean current) throws Refused {
        String coding = String.join(", ", headers.getOrDefault("transfer-encoding", List.of()));
        List<String> lengths = headers.getOrDefault("content-length", List.of());
        if (headers.containsKey("transfer-encoding")) {
            if (!lengths.isEmpty() || !current) {
                throw new Refused(400, "transfer-encoding (expected: not with content-length, not in HTTP/1.0)");
            }
            if (!coding.equalsIgnoreCase("chunked")
                    || headers.get("transfer-encoding").size() > 1) {
                throw new Refused(501, "transfer-encoding: '" + coding + "' (expected: chunked)");
            }
            return CHUNKED;
        }
        if (lengths.isEmpty()) {
            return 0;
        }
        String length = String.join(", ", lengths);
        if (!digits(length)) {
            throw new Refused(400, "content-length: '" + length + "' (expected: one number)");
        }
        if (length.length() > 18 || Long.parseLong(length) > BODY_BYTES_MAX) {
            throw new Refused(413, "body: more than " + BODY_BYTES_MAX + " bytes");
        }
        return Long.parseLong(length);
    }

    private static boolean lists(Map<String, List<String>> headers, String option) {
        for (String value : headers.getOrDefault("connection", List.of())) {
            for (String each : value.split(",", -1)) {
                if (each.strip().equalsIgnoreCase(option)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static @Nullable String first(Map<String, List<String>> headers, String name) {
        List<String> values = headers.get(name);
        return values == null ? null : values.get(0);
    }

    /** RFC 9110, 5.6.2. */
    static boolean token(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean alphanumeric = c < 128 && Character.isLetterOrDigit(c);
            if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean visible(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c != 0x7f);
    }

    private static boolean digits(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
