package dev.mayfly.pool.contracts;

import java.util.Map;
import java.util.function.Function;

/** Some of the functions of main.py, called by the Java shim. */
public final class JavaFunctions {
    private JavaFunctions() {}

    /** The class of a function. */
    static String named(String target) {
        return JavaFunctions.class.getName() + "$" + Character.toUpperCase(target.charAt(0)) + target.substring(1);
    }

    private static String query(Map<String, Object> request, String name) {
        Object value = ((Map<?, ?>) request.getOrDefault("query", Map.of())).get(name);
        return value == null ? "" : String.valueOf(value);
    }

    /** Greets, or fails. */
    public static final class Greet implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            if (query(request, "name").equals("fail")) {
                throw new IllegalStateException("as asked");
            }
            return "Hello, " + query(request, "name");
        }
    }

    /** What it was sent. */
    public static final class Echo implements Function<Map<String, Object>, Object> {
        @Override
        public Object apply(Map<String, Object> request) {
            Object body = request.get("body");
            Object many = ((Map<?, ?>) request.getOrDefault("headers", Map.of())).get("x-many");
            return "{\"method\": \"" + request.get("method") + "\", \"path\": \"" + request.get("path")
                    + "\", \"bytes\": " + (body instanceof byte[] bytes ? bytes.length : -1) + ", \"many\": \"" + many
                    + "\"}";
        }
    }
}
