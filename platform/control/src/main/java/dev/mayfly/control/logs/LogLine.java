package dev.mayfly.control.logs;

import java.time.Instant;

/**
 * One line of an app's log.
 *
 * @param source {@code app} or {@code gateway}
 * @param instance id, or empty
 * @param stream {@code stdout} or {@code stderr}
 */
public record LogLine(Instant at, String source, String instance, String stream, String line) {}
