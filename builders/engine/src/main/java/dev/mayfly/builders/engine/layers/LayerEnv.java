package dev.mayfly.builders.engine.layers;

import java.io.IOException;
import java.nio.file.Path;
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
    public static void addForBuild(BuiltLayer layer, Map<String, String> env) throws IOException {
        roots(layer, BUILD_ROOTS, env);
        files(layer.content().resolve("env"), env);
        files(layer.content().resolve("env.build"), env);
    }

    /** The environment of a process of the image. */
    public static void addForLaunch(BuiltLayer layer, String process, Map<String, String> env) throws IOException {
        roots(layer, LAUNCH_ROOTS, env);
        files(layer.content().resolve("env"), env);
        files(layer.content().resolve("env.launch"), env);
        if (BuildFiles.isDirectory(layer.content().resolve("env.launch"))) { // Else a link might lead on from here.
            files(layer.content().resolve("env.launch").resolve(process), env);
        }
    }

    private static void roots(BuiltLayer layer, List<Root> roots, Map<String, String> env) {
        for (Root root : roots) {
            if (BuildFiles.isDirectory(layer.content().resolve(root.directory))) {
                prepend(env, root.variable, "/" + layer.inside() + "/" + root.directory, ":");
            }
        }
    }

    private static void files(Path directory, Map<String, String> env) throws IOException {
        Map<String, String> contents = new HashMap<>();
        List<Path> files = BuildFiles.list(directory);
        for (Path file : files) {
            Optional<String> text = BuildFiles.text(file);
            text.ifPresent(value -> contents.put(file.getFileName().toString(), value));
        }
        for (Path file : files) {
            String fileName = file.getFileName().toString();
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
