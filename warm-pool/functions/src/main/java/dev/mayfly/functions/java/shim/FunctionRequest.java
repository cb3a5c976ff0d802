package dev.mayfly.functions.java.shim;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One HTTP request, read to its end.
 *
 * @param target path and query as they came
 * @param headers names in lower case
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
record FunctionRequest(String method, String target, Map<String, List<String>> headers, byte[] body) {
    String path() {
        int query = target.indexOf('?');
        return URLDecoder.decode(
                (query < 0 ? target : target.substring(0, query)).replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    Optional<String> query() {
        int query = target.indexOf('?');
        return query < 0 ? Optional.empty() : Optional.of(target.substring(query + 1));
    }

    Map<String, List<String>> parameters() {
        Map<String, List<String>> found = new LinkedHashMap<>();
        for (String pair : query().orElse("").split("&", -1)) {
            if (!pair.isEmpty()) {
                String[] parts = pair.split("=", 2);
                found.computeIfAbsent(decode(parts[0]), key -> new ArrayList<>())
                        .add(parts.length > 1 ? decode(parts[1]) : "");
            }
        }
        return found;
    }

    Optional<String> header(String name) {
        List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
        return values == null ? Optional.empty() : Optional.of(values.get(0));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
