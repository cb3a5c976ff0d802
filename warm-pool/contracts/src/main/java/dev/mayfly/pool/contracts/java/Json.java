package dev.mayfly.pool.contracts.java;

import java.util.LinkedHashMap;
import java.util.Map;

/** Just enough JSON (RFC 8259) to take the members of one object apart: a shim brings no library into tenants' class paths. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** Names of an object's members with the JSON of their values. */
    static Map<String, String> members(String json) throws Call.BadRequest {
        try {
            return new Json(json).object();
        } catch (StringIndexOutOfBoundsException e) {
            throw new Call.BadRequest("JSON: it ends too early");
        }
    }

    /** A JSON string's text; any other value as it is written. */
    static String text(String json) throws Call.BadRequest {
        return json.startsWith("\"") ? new Json(json).string() : json;
    }

    private Map<String, String> object() throws Call.BadRequest {
        Map<String, String> members = new LinkedHashMap<>();
        expect('{');
        space();
        if (text.charAt(at) == '}') {
            return members;
        }
        while (true) {
            space();
            String name = string();
            expect(':');
            space();
            int start = at;
            value();
            members.put(name, text.substring(start, at));
            space();
            if (text.charAt(at) == '}') {
                return members;
            }
            expect(',');
        }
    }

    /** Skips one value. */
    private void value() throws Call.BadRequest {
        char first = text.charAt(at);
        if (first == '"') {
            string();
        } else if (first == '{' || first == '[') {
            int depth = 0;
            do {
                char c = text.charAt(at);
                if (c == '"') {
                    string();
                    continue;
                }
                depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
                at++;
            } while (depth > 0);
        } else {
            while (at < text.length() && ",}] \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
        }
    }

    private String string() throws Call.BadRequest {
        expect('"');
        StringBuilder value = new StringBuilder();
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c == '\\') {
                char escaped = text.charAt(at++);
                switch (escaped) {
                    case 'n' -> value.append('\n');
                    case 't' -> value.append('\t');
                    case 'r' -> value.append('\r');
                    case 'b' -> value.append('\b');
                    case 'f' -> value.append('\f');
                    case 'u' -> {
                        value.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
                        at += 4;
                    }
                    default -> value.append(escaped);
                }
            } else {
                value.append(c);
            }
        }
        at++;
        return value.toString();
    }

    private void expect(char c) throws Call.BadRequest {
        space();
        if (text.charAt(at) != c) {
            throw new Call.BadRequest("JSON: '" + text.charAt(at) + "' at " + at + " (expected: '" + c + "')");
        }
        at++;
    }

    private void space() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}
