package dev.mayfly.model;

import java.time.Instant;
import java.util.Map;

/**
 * Something that happened, told to whoever is looking at the moment: consoles, {@code mayfly logs -f}, other servers. A
 * hint, never the record: losing one loses nothing but freshness.
 *
 * @param tenant whose event it is; only that tenant's members may see it
 * @param app the app, or the empty string for an event of the tenant
 * @param type dotted name, for example {@code build.line}, {@code instance.changed}
 * @param at when it happened
 * @param data JSON object: strings, numbers, booleans, nested maps and lists
 */
public record LiveEvent(String tenant, String app, String type, Instant at, Map<String, Object> data) {}
