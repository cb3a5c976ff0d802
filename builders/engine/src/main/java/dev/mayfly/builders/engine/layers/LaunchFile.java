package dev.mayfly.builders.engine.layers;

import dev.mayfly.builders.engine.toml.BoundedToml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * What a buildpack says about starting the image: {@code launch.toml} (Buildpack API).
 *
 * @param processes by type
 * @param labels for the image
 */
public record LaunchFile(Map<String, Start> processes, Map<String, String> labels) {
    /** How labels begin that the engine sets from what it knows itself; no build may set one. */
    public static final String OWN_LABELS = "dev.mayfly.";

    /** @param workingDir empty: the app's directory */
    public record Start(List<String> argv, String workingDir) {}

    /** @throws IllegalArgumentException saying what is wrong */
    public static LaunchFile parse(String text) {
        return BoundedToml.read("launch.toml", text, LaunchFile::of);
    }

    private static LaunchFile of(TomlTable toml) {
        Map<String, Start> processes = new LinkedHashMap<>();
        for (TomlTable each : tables(toml.getArray("processes"))) {
            String type = Objects.requireNonNullElse(each.getString("type"), "");
            if (!type.matches("[A-Za-z0-9._-]{1,63}") || type.matches("\\.{1,2}")) {
                throw new IllegalArgumentException("launch.toml: process type '" + type
                        + "' (expected: 1-63 letters, digits, '.', '_' and '-', and not '.' or '..')");
            }
            List<String> argv = new ArrayList<>();
            argv.addAll(strings(each.getArray("command")));
            argv.addAll(strings(each.getArray("args")));
            if (argv.isEmpty()) {
                throw new IllegalArgumentException("launch.toml: process '" + type + "' has no command");
            }
            processes.put(type, new Start(argv, Objects.requireNonNullElse(each.getString("working-dir"), "")));
            limit(processes.size(), BuildLimits.PROCESSES_MAX, "processes");
        }
        Map<String, String> labels = new LinkedHashMap<>();
        for (TomlTable each : tables(toml.getArray("labels"))) {
            String key = Objects.requireNonNullElse(each.getString("key"), "");
            if ((key + ".").toLowerCase(Locale.ROOT).startsWith(OWN_LABELS)) {
                throw new IllegalArgumentException("launch.toml: label '" + key + "' (expected: none that begins with '"
                        + OWN_LABELS + "', as Mayfly sets those itself)");
            }
            labels.put(key, Objects.requireNonNullElse(each.getString("value"), ""));
            limit(labels.size(), BuildLimits.LABELS_MAX, "labels");
        }
        return new LaunchFile(processes, labels);
    }

    private static void limit(int number, int max, String what) {
        if (number > max) {
            throw new IllegalArgumentException(
                    "launch.toml: " + what + ": more than " + max + " (expected: at most that)");
        }
    }

    private static List<String> strings(@Nullable TomlArray array) {
        List<String> all = new ArrayList<>();
        for (int i = 0; array != null && i < array.size(); i++) {
            all.add(array.getString(i));
        }
        return all;
    }

    private static List<TomlTable> tables(@Nullable TomlArray array) {
        List<TomlTable> all = new ArrayList<>();
        for (int i = 0; array != null && i < array.size(); i++) {
            all.add(array.getTable(i));
        }
        return all;
    }
}
