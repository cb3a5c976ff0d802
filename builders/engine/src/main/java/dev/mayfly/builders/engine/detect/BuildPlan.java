package dev.mayfly.builders.engine.detect;

import dev.mayfly.builders.engine.toml.BoundedToml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/**
 * What one buildpack offers and needs (Buildpack API, "Build Plan"): alternatives, the first is preferred.
 *
 * @param alternatives at least one
 */
public record BuildPlan(List<Alternative> alternatives) {
    /** Characters of a version or of where it was found. */
    private static final int VALUE_MAX = 1_000;

    /** Neither offers nor needs anything. */
    public static final BuildPlan NOTHING = new BuildPlan(List.of(new Alternative(List.of(), List.of())));

    public record Alternative(List<String> provides, List<Require> requires) {
        public Alternative {
            provides = List.copyOf(provides);
            requires = List.copyOf(requires);
        }
    }

    /** @param metadata for the provider; values as text */
    public record Require(String name, Map<String, String> metadata) {
        public Require {
            metadata = Map.copyOf(metadata);
        }
    }

    public BuildPlan {
        alternatives = List.copyOf(alternatives);
    }

    /** @throws IllegalArgumentException with the line if it is not a build plan */
    public static BuildPlan parse(String text) {
        return BoundedToml.read("build plan", text, BuildPlan::of);
    }

    private static BuildPlan of(TomlTable toml) {
        List<Alternative> all = new ArrayList<>();
        all.add(alternative(toml));
        TomlArray or = toml.getArray("or");
        for (int i = 0; or != null && i < or.size(); i++) {
            all.add(alternative(or.getTable(i)));
        }
        return new BuildPlan(all);
    }

    private static Alternative alternative(TomlTable table) {
        List<String> provides = new ArrayList<>();
        List<Require> requires = new ArrayList<>();
        TomlArray offered = table.getArray("provides");
        for (int i = 0; offered != null && i < offered.size(); i++) {
            provides.add(name(offered.getTable(i)));
        }
        TomlArray needed = table.getArray("requires");
        for (int i = 0; needed != null && needed.size() > i; i++) {
            TomlTable each = needed.getTable(i);
            requires.add(new Require(name(each), metadata(each.getTable("metadata"))));
        }
        return new Alternative(provides, requires);
    }

    private static String name(TomlTable table) {
        return Objects.requireNonNullElse(table.getString("name"), "");
    }

    private static Map<String, String> metadata(@Nullable TomlTable table) {
        Map<String, String> values = new TreeMap<>();
        if (table != null) {
            for (String key : table.keySet()) {
                String value = String.valueOf(table.get(List.of(key)));
                if (value.length() > VALUE_MAX) {
                    throw new IllegalArgumentException("build plan: metadata." + key + ": " + value.length()
                            + " characters (expected: at most " + VALUE_MAX + ")");
                }
                values.put(key, value);
            }
        }
        return values;
    }
}
