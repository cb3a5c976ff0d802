package dev.mayfly.control.logs;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One line of an app's log.
 *
 * @param source {@code app} or {@code gateway}
 * @param instance id, or empty
 * @param stream {@code stdout} or {@code stderr}
 */
public record LogLine(Instant at, String source, String instance, String stream, String line) {
    public Map<String, Object> toMap() {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("at", at.toString());
        view.put("source", source);
        view.put("instance", instance);
        view.put("stream", stream);
        view.put("line", line);
        return view;
    }
}
