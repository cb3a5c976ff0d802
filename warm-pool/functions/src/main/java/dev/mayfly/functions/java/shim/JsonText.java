package dev.mayfly.functions.java.shim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Just enough JSON (RFC 8259) to take one object or list apart: a shim brings no library into tenants' class paths. Values
 * stay as they are written until somebody takes them apart in turn.
 */
final class JsonText {
    static final String NO_OBJECT = "JSON: no object";

    private static final String LITERAL = "true|false|null|-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?";
    private static final int DEPTH_MAX = 200;

    private final String text;
    private int at;
    private int depth;

    private JsonText(String text) {
        this.text = text;
    }

    /** Names of an object's members with the JSON of their values. */
    static Map<String, String> members(String json) throws FunctionCall.BadRequest {
        Map<String, String> members = new LinkedHashMap<>();
        new JsonText(json).whole('{', parser -> parser.object(members));
        return members;
    }

    /** The JSON of a list's elements. */
    static List<String> elements(String json) throws FunctionCall.BadRequest {
        List<String> elements = new ArrayList<>();
        new JsonText(json).whole('[', parser -> parser.list(elements));
        return elements;
    }

    /** A JSON string's text; any other value as it is written. */
    static String text(String json) throws FunctionCall.BadRequest {
        return isText(json) ? new JsonText(json).string() : json;
    }

    static boolean isText(String json) {
        return json.startsWith("\"");
    }

    private interface Part {
        void read(JsonText parser) throws FunctionCall.BadRequest;
    }

    private void whole(char first, Part part) throws FunctionCall.BadRequest {
        try {
            space();
            char found = text.charAt(at);
            if (found != first) {
                value(); // What is no JSON at all is told apart from what is of another kind.
                end();
                throw new FunctionCall.BadRequest(first == '{' ? NO_OBJECT : "JSON: no list");
            }
            part.read(this);
            end();
        } catch (StringIndexOutOfBoundsException e) {
            throw new FunctionCall.BadRequest("JSON: it ends too early");
        }
    }

    private void end() throws FunctionCall.BadRequest {
        space();
        if (at < text.length()) {
            throw new FunctionCall.BadRequest("JSON: more at " + at);
        }
    }

    private void object(Map<String, String> members) throws FunctionCall.BadRequest {
        expect('{');
        space();
        if (text.charAt(at) == '}') {
            at++;
            return;
        }
        do {
            space();
            String name = string();
            expect(':');
            members.put(name, value());
        } while (more('}'));
    }

    private void list(List<String> elements) throws FunctionCall.BadRequest {
        expect('[');
        space();
        if (text.charAt(at) == ']') {
            at++;
            return;
        }
        do {
            elements.add(value());
        } while (more(']'));
    }

    /** Whether a comma comes, and not the end. */
    private boolean more(char end) throws FunctionCall.BadRequest {
        space();
        if (text.charAt(at) == end) {
            at++;
            return false;
        }
        expect(',');
        return true;
    }

    /** Reads one value and returns it as it is written. */
    private String value() throws FunctionCall.BadRequest {
        space();
        int start = at;
        char first = text.charAt(at);
        if (first == '"') {
            string();
        } else if (first == '{' || first == '[') {
            if (++depth > DEPTH_MAX) {
                throw new FunctionCall.BadRequest("JSON: deeper than " + DEPTH_MAX);
            }
            if (first == '{') {
                object(new LinkedHashMap<>());
            } else {
                list(new ArrayList<>());
            }
            depth--;
        } else {
            while (at < text.length() && ",}] \t\r\n".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            if (!text.substring(start, at).matches(LITERAL)) {
                throw new FunctionCall.BadRequest("JSON: no value at " + start);
            }
        }
        return text.substring(start, at);
    }

    private String string() throws FunctionCall.BadRequest {
        expect('"');
        StringBuilder value = new StringBuilder();
        while (text.charAt(at) != '"') {
            char c = text.charAt(at++);
            if (c < ' ') {
                throw new FunctionCall.BadRequest("JSON: a control character in a text at " + (at - 1));
            }
            value.append(c == '\\' ? escaped() : c);
        }
        at++;
        return value.toString();
    }

    private char escaped() throws FunctionCall.BadRequest {
        char kind = text.charAt(at++);
        return switch (kind) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> fourDigits();
            case '"', '\\', '/' -> kind;
            default -> throw new FunctionCall.BadRequest("JSON: an escape that is none at " + (at - 1));
        };
    }

    private char fourDigits() throws FunctionCall.BadRequest {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(text.charAt(at++), 16);
            if (digit < 0) {
                throw new FunctionCall.BadRequest("JSON: an escape without four digits at " + (at - 1));
            }
            value = value * 16 + digit;
        }
        return (char) value;
    }

    private void expect(char c) throws FunctionCall.BadRequest {
        space();
        if (text.charAt(at) != c) {
            throw new FunctionCall.BadRequest("JSON: '" + text.charAt(at) + "' at " + at + " (expected: '" + c + "')");
        }
        at++;
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
