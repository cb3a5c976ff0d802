package example;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Function;

public class Receive implements Function<Map<String, Object>, Object> {
    @Override
    public Object apply(Map<String, Object> event) {
        String data = new String((byte[]) event.get("data"), StandardCharsets.UTF_8);
        String json = "{\"type\":\"" + event.get("type") + "\",\"source\":\"" + event.get("source") + "\",\"data\":" + data + "}";
        return Map.of("headers", Map.of("content-type", "application/json"), "body", json);
    }
}
