package dev.mayfly.control.api.json;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an app answered to a request of the console or the command line.
 *
 * @param body its first MiB
 * @param start what the request met
 * @param instance which one answered
 * @param truncated whether there was more
 */
public record TestAnswerJson(
        int status,
        Map<String, String> headers,
        String body,
        long durationMs,
        @Nullable String start,
        @Nullable String instance,
        boolean truncated) {}
