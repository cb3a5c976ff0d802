package dev.mayfly.runtime.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * Reads settings: command line first, then the environment ({@code MAYFLY_GATEWAY_PORT} for {@code gateway.port}), then
 * the file, then the default. It remembers which keys were asked for, so that {@link #rejectUnknown()} can refuse the
 * rest, and which defaults they have, so that the reference page can be written from the code.
 */
public final class ConfigReader {
    /**
     * One key that some room reads.
     *
     * @param type for people, for example {@code duration}
     * @param defaultValue as one would write it in the file; empty if there is none
     */
    public record Setting(String key, String type, String defaultValue) {}

    private static final String ENV_PREFIX = "MAYFLY_";

    /** Read by the command line and its scripts, not by a room of the server. */
    private static final Set<String> FOREIGN_ENV = Set.of(
            "MAYFLY_URL",
            "MAYFLY_TOKEN",
            "MAYFLY_APP",
            "MAYFLY_TENANT",
            "MAYFLY_SELF",
            "MAYFLY_CONFIG",
            "MAYFLY_COMMIT",
            "MAYFLY_HEAP",
            "MAYFLY_E2E_PUSH_DIR");

    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");

    private final Map<String, String> overrides;
    private final Map<String, String> environment;
    private final Map<String, String> file;
    private final String fileName;
    private final Map<String, Setting> asked = new TreeMap<>();

    private ConfigReader(
            Map<String, String> overrides, Map<String, String> environment, Map<String, String> file, String fileName) {
        this.overrides = Map.copyOf(overrides);
        this.environment = Map.copyOf(environment);
        this.file = file;
        this.fileName = fileName;
    }

    /** Settings from these values alone, keys as in the file: for tests. */
    public static ConfigReader of(Map<String, String> values) {
        return new ConfigReader(values, Map.of(), Map.of(), "");
    }

    /**
     * Settings of this process.
     *
     * @param overrides from the command line, keys as in the file
     * @param environment usually {@code System.getenv()}
     * @param configFile a TOML file, or null for none
     * @throws ConfigException if the file cannot be read or is not TOML
     */
    public static ConfigReader load(
            Map<String, String> overrides, Map<String, String> environment, @Nullable Path configFile) {
        return configFile == null
                ? new ConfigReader(overrides, environment, Map.of(), "")
                : new ConfigReader(overrides, environment, parse(configFile), configFile.toString());
    }

    /** The environment of this process. The one call in Mayfly that reads it. */
    public static Map<String, String> processEnvironment() {
        return System.getenv();
    }

    private static Map<String, String> parse(Path path) {
        String text;
        try {
            text = Files.readString(path);
        } catch (IOException e) {
            throw new ConfigException("config: " + path + " (expected: a readable TOML file): " + e.getMessage());
        }
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            var error = toml.errors().getFirst();
            throw new ConfigException(
                    "config: " + path + " line " + error.position().line() + ": " + error.getMessage());
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String key : toml.dottedKeySet()) {
            Object value = toml.get(key);
            values.put(key, value instanceof org.tomlj.TomlArray array ? join(array.toList()) : String.valueOf(value));
        }
        return values;
    }

    private static String join(Collection<Object> values) {
        return String.join(",", values.stream().map(String::valueOf).toList());
    }

    public String string(String key, String defaultValue) {
        return value(key, "string", defaultValue).orElse(defaultValue);
    }

    public Optional<String> optional(String key) {
        return value(key, "string", "");
    }

    public Optional<Secret> secret(String key) {
        return value(key, "secret", "").map(Secret::new);
    }

    public Path path(String key, Path defaultValue) {
        return value(key, "path", defaultValue.toString()).map(Path::of).orElse(defaultValue);
    }

    /** Comma-separated in the environment, an array in the file. */
    public java.util.List<String> list(String key, java.util.List<String> defaultValue) {
        return value(key, "list", String.join(",", defaultValue))
                .map(text -> java.util.Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(item -> !item.isEmpty())
                        .toList())
                .orElse(defaultValue);
    }

    public int integer(String key, int defaultValue) {
        return parsed(key, "integer", String.valueOf(defaultValue), Integer::parseInt, "a whole number")
                .orElse(defaultValue);
    }

    public long longInteger(String key, long defaultValue) {
        return parsed(key, "integer", String.valueOf(defaultValue), Long::parseLong, "a whole number")
                .orElse(defaultValue);
    }

    public double decimal(String key, double defaultValue) {
        return parsed(key, "number", String.valueOf(defaultValue), Double::parseDouble, "a number")
                .orElse(defaultValue);
    }

    public boolean bool(String key, boolean defaultValue) {
        return parsed(
                        key,
                        "boolean",
                        String.valueOf(defaultValue),
                        text -> switch (text.toLowerCase(Locale.ROOT)) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException(text);
                        },
                        "true or false")
                .orElse(defaultValue);
    }

    /** A whole number with a unit: {@code 250ms}, {@code 5s}, {@code 10m}, {@code 2h}, {@code 1d}. */
    public Duration duration(String key, Duration defaultValue) {
        return parsed(
                        key,
                        "duration",
                        format(defaultValue),
                        ConfigReader::parseDuration,
                        "for example 250ms, 5s, 10m or 2h")
                .orElse(defaultValue);
    }

    /** Throws {@link IllegalArgumentException} if the text is not a duration as {@link #duration} takes it. */
    public static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(text);
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /** The shortest text that {@link #parseDuration} reads back as the same duration. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0 || millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        if (seconds % 86_400 == 0) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    /**
     * Refuses settings that nobody asked for. Call it after every room has read its own.
     *
     * @throws ConfigException naming the first unknown key and the nearest known one
     */
    public void rejectUnknown() {
        Set<String> unknown = new TreeSet<>();
        for (String key : file.keySet()) {
            if (!asked.containsKey(key)) {
                unknown.add(key + " (in " + fileName + ")");
            }
        }
        Set<String> known = new TreeSet<>();
        asked.keySet().forEach(key -> known.add(envName(key)));
        for (String name : environment.keySet()) {
            if (name.startsWith(ENV_PREFIX) && !known.contains(name) && !FOREIGN_ENV.contains(name)) {
                unknown.add(name + " (in the environment)");
            }
        }
        for (String key : overrides.keySet()) {
            if (!asked.containsKey(key)) {
                unknown.add(key);
            }
        }
        if (!unknown.isEmpty()) {
            throw new ConfigException("unknown setting: " + String.join(", ", unknown)
                    + " (expected: one of those in docs/configuration.md)");
        }
    }

    /** Every key asked for so far, by name. */
    public Collection<Setting> settings() {
        return asked.values();
    }

    private <T> Optional<T> parsed(
            String key, String type, String defaultValue, Function<String, T> parser, String expected) {
        Optional<String> text = value(key, type, defaultValue);
        try {
            return text.map(parser);
        } catch (IllegalArgumentException e) {
            throw ConfigException.of(key, "'" + text.orElse("") + "'", expected);
        }
    }

    private Optional<String> value(String key, String type, String defaultValue) {
        asked.put(key, new Setting(key, type, defaultValue));
        String value = overrides.get(key);
        if (value == null) {
            value = environment.get(envName(key));
        }
        if (value == null) {
            value = file.get(key);
        }
        return value == null || value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    static String envName(String key) {
        return ENV_PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
