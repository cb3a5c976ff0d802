package dev.mayfly.builders.engine.layers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * One layer that a buildpack has made (Buildpack API, "Layer Types").
 *
 * @param buildpack its buildpack's name in paths
 * @param content the directory on the host
 * @param toml text of its {@code <name>.toml}
 */
public record BuiltLayer(
        String buildpack, String name, Path content, boolean launch, boolean build, boolean cache, String toml) {
    /** Where it lies in builds and images. */
    public String inside() {
        return "layers/" + buildpack + "/" + name;
    }

    /** The layers of one buildpack in the order of their names; those with no type are none. */
    public static List<BuiltLayer> of(String buildpack, Path layers) throws IOException {
        List<BuiltLayer> found = new ArrayList<>();
        for (Path file : BuildFiles.list(layers)) {
            String fileName = file.getFileName().toString();
            if (!fileName.endsWith(".toml")) {
                continue;
            }
            String name = fileName.substring(0, fileName.length() - ".toml".length());
            if (name.matches("build|launch|store") || !BuildFiles.isDirectory(layers.resolve(name))) {
                continue;
            }
            if (!name.matches("[^\\p{Cntrl}\uFFFD:,\\\\]{1,200}") || name.matches("\\.{1,2}")) {
                throw new IllegalArgumentException("layer '" + name.replaceAll("\\p{Cntrl}", "?")
                        + "' (expected: a name of 1-200 characters without ':', ',', '\\' and control characters,"
                        + " and not '.' or '..')");
            }
            Optional<String> text = BuildFiles.text(file);
            if (text.isEmpty()) {
                continue;
            }
            TomlParseResult toml = Toml.parse(text.get());
            if (toml.hasErrors()) {
                throw new IllegalArgumentException(
                        fileName + ": " + toml.errors().getFirst().getMessage());
            }
            BuiltLayer layer = new BuiltLayer(
                    buildpack,
                    name,
                    layers.resolve(name),
                    Boolean.TRUE.equals(toml.getBoolean("types.launch")),
                    Boolean.TRUE.equals(toml.getBoolean("types.build")),
                    Boolean.TRUE.equals(toml.getBoolean("types.cache")),
                    text.get());
            if (layer.launch || layer.build || layer.cache) {
                found.add(layer);
            }
        }
        return found;
    }

    /** Its toml as the next build gets it: without types, which every build must state anew. */
    public String tomlWithoutTypes() {
        TomlParseResult parsed = Toml.parse(toml);
        StringBuilder text = new StringBuilder();
        var metadata = parsed.getTable("metadata");
        if (metadata != null) {
            text.append("[metadata]\n").append(TomlWriter.write(metadata));
        }
        return text.toString();
    }
}
