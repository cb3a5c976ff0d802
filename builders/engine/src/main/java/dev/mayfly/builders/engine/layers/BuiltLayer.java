package dev.mayfly.builders.engine.layers;

import dev.mayfly.builders.engine.toml.BoundedToml;
import dev.mayfly.builders.image.ForeignTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tomlj.TomlTable;

/**
 * One layer that a buildpack has made (Buildpack API, "Layer Types").
 *
 * @param buildpack its buildpack's name in paths
 * @param content the directory on the host
 * @param kept what the next build finds as its {@code <name>.toml}: without types, which every build must state anew
 */
public record BuiltLayer(
        String buildpack, String name, Path content, boolean launch, boolean build, boolean cache, String kept) {
    /** Where it lies in builds and images. */
    public String inside() {
        return "layers/" + path();
    }

    /** Where it lies in the directory of all layers. */
    String path() {
        return buildpack + "/" + name;
    }

    /**
     * The layers of one buildpack in the order of their names; those with no type are none.
     *
     * @param tree of all layers
     * @param root the same on the host
     * @throws IllegalArgumentException saying what is wrong with one
     */
    public static List<BuiltLayer> of(String buildpack, ForeignTree tree, Path root) throws IOException {
        List<BuiltLayer> found = new ArrayList<>();
        for (String fileName : tree.names(buildpack, BuildLimits.ENTRIES_MAX)) {
            if (!fileName.endsWith(".toml")) {
                continue;
            }
            String name = fileName.substring(0, fileName.length() - ".toml".length());
            if (name.matches("build|launch|store") || !tree.isDirectory(buildpack + "/" + name)) {
                continue;
            }
            if (!name.matches("[^\\p{Cntrl}\uFFFD:,\\\\]{1,200}") || name.matches("\\.{1,2}|.*\\.toml")) {
                throw new IllegalArgumentException("layer '" + name.replaceAll("\\p{Cntrl}", "?")
                        + "' (expected: a name of 1-200 characters without ':', ',', '\\' and control characters,"
                        + " not '.' or '..' and none that ends with .toml)");
            }
            Optional<String> text = tree.text(buildpack + "/" + fileName, BuildLimits.LAYER_TOML_BYTES_MAX);
            if (text.isEmpty()) {
                continue;
            }
            Path content = root.resolve(buildpack).resolve(name);
            BuiltLayer layer = BoundedToml.read(fileName, text.get(), toml -> of(buildpack, name, content, toml));
            limit(fileName, layer.kept);
            if (layer.launch || layer.build || layer.cache) {
                found.add(layer);
                if (found.size() > BuildLimits.LAYERS_MAX) {
                    throw new IllegalArgumentException(
                            "layers: more than " + BuildLimits.LAYERS_MAX + " (expected: at most that)");
                }
            }
        }
        return found;
    }

    /** Else the next build could not read what Mayfly has written itself. */
    private static void limit(String fileName, String kept) {
        int bytes = kept.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > BuildLimits.LAYER_TOML_BYTES_MAX) {
            throw new IllegalArgumentException(fileName + ": metadata: " + bytes
                    + " bytes as it is kept for the next build (expected: at most " + BuildLimits.LAYER_TOML_BYTES_MAX
                    + ")");
        }
    }

    private static BuiltLayer of(String buildpack, String name, Path content, TomlTable toml) {
        TomlTable metadata = toml.getTable("metadata");
        return new BuiltLayer(
                buildpack,
                name,
                content,
                Boolean.TRUE.equals(toml.getBoolean("types.launch")),
                Boolean.TRUE.equals(toml.getBoolean("types.build")),
                Boolean.TRUE.equals(toml.getBoolean("types.cache")),
                metadata == null ? "" : "[metadata]\n" + TomlWriter.write(metadata));
    }
}
