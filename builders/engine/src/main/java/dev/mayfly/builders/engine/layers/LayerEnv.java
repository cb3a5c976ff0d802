package dev.mayfly.builders.engine.layers;

import dev.mayfly.builders.image.ForeignTree;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Changes to the environment by layers (Buildpack API, "Environment Variable Modification Rules"). */
public final class LayerEnv {
    private record Root(String directory, String variable) {}

    private static final List<Root> BUILD_ROOTS = List.of(
            new Root("bin", "PATH"),
            new Root("lib", "LD_LIBRARY_PATH"),
            new Root("lib", "LIBRARY_PATH"),
            new Root("include", "CPATH"),
            new Root("pkgconfig", "PKG_CONFIG_PATH"));
    private static final List<Root> LAUNCH_ROOTS = List.of(new Root("bin", "PATH"), new Root("lib", "LD_LIBRARY_PATH"));

    private LayerEnv() {}

    /** The environment for the buildpacks after this layer's. */
    public static void addForBuild(ForeignTree tree, BuiltLayer layer, Map<String, String> env) throws IOException {
        roots(tree, layer, BUILD_ROOTS, env);
        files(tree, layer.path() + "/env", env);
        files(tree, layer.path() + "/env.build", env);
        limit(env);
    }

    /** The environment of a process of the image. */
    public static void addForLaunch(ForeignTree tree, BuiltLayer layer, String process, Map<String, String> env)
            throws IOException {
        roots(tree, layer, LAUNCH_ROOTS, env);
        files(tree, layer.path() + "/env", env);
        files(tree, layer.path() + "/env.launch", env);
        files(tree, layer.path() + "/env.launch/" + process, env);
        limit(env);
    }

    private static void limit(Map<String, String> env) {
        long characters = 0;
        for (Map.Entry<String, String> each : env.entrySet()) {
            characters += each.getKey().length() + each.getValue().length();
        }
        if (characters > BuildLimits.ENVIRONMENT_CHARACTERS_MAX) {
            throw new IllegalArgumentException("environment: " + characters + " characters (expected: at most "
                    + BuildLimits.ENVIRONMENT_CHARACTERS_MAX + " in all names and values)");
        }
    }

    private static void roots(ForeignTree tree, BuiltLayer layer, List<Root> roots, Map<String, String> env)
            throws IOException {
        for (Root root : roots) {
            if (tree.isDirectory(layer.path() + "/" + root.directory)) {
                prepend(env, root.variable, "/" + layer.inside() + "/" + root.directory, ":");
            }
        }
    }

    private static void files(ForeignTree tree, String directory, Map<String, String> env) throws IOException {
        Map<String, String> contents = new HashMap<>();
        List<String> files = tree.names(directory, BuildLimits.VARIABLES_MAX);
        for (String file : files) {
            Optional<String> text = tree.text(directory + "/" + file, BuildLimits.VARIABLE_BYTES_MAX);
            text.ifPresent(value -> contents.put(file, value));
        }
        for (String fileName : files) {
            String value = contents.get(fileName);
            if (value == null) {
                continue;
            }
            int dot = fileName.indexOf('.');
            String name = dot < 0 ? fileName : fileName.substring(0, dot);
            String suffix = dot < 0 ? "override" : fileName.substring(dot + 1);
            String delimiter = contents.getOrDefault(name + ".delim", "");
            switch (suffix) {
                case "override" -> env.put(name, value);
                case "default" -> {
                    if (env.getOrDefault(name, "").isEmpty()) {
                        env.put(name, value);
                    }
                }
                case "prepend" -> prepend(env, name, value, delimiter);
                case "append" -> {
                    String before = env.getOrDefault(name, "");
                    env.put(name, before.isEmpty() ? value : before + delimiter + value);
                }
                default -> {
                    // Unknown suffixes are ignored, delim among them.
                }
            }
        }
    }

    private static void prepend(Map<String, String> env, String name, String value, String delimiter) {
        String before = env.getOrDefault(name, "");
        env.put(name, before.isEmpty() ? value : value + delimiter + before);
    }
}
