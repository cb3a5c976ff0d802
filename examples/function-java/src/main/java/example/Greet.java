package example;

import java.util.Map;
import java.util.function.Function;

public class Greet implements Function<Map<String, Object>, Object> {
    @Override
    public Object apply(Map<String, Object> request) {
        Map<?, ?> query = (Map<?, ?>) request.get("query");
        Object name = query.get("name");
        return "Hello, " + (name == null ? "world" : name);
    }
}
