package dev.mayfly.builders.engine.detect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * The groups of buildpacks that are tried, in this order (Platform API, {@code order.toml}).
 *
 * @param groups each is tried as a whole
 */
public record Order(List<List<Element>> groups) {
    /** @param optional whether the group passes without it */
    public record Element(Buildpack buildpack, boolean optional) {}

    public Order {
        groups = List.copyOf(groups);
    }

    /** Every buildpack of every group, once. */
    public List<Buildpack> buildpacks() {
        return groups.stream()
                .flatMap(List::stream)
                .map(Element::buildpack)
                .distinct()
                .toList();
    }

    /** Reads a folder with {@code order.toml} and one directory for each buildpack. */
    public static Order read(Path folder) throws IOException {
        Map<String, Buildpack> known = new HashMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : all.toList()) {
                if (Files.exists(each.resolve("buildpack.toml"))) {
                    Buildpack buildpack = Buildpack.read(each);
                    known.put(buildpack.id(), buildpack);
                }
            }
        }
        TomlParseResult toml = Toml.parse(folder.resolve("order.toml"));
        if (toml.hasErrors()) {
            throw new IOException("order.toml: " + toml.errors().getFirst());
        }
        List<List<Element>> groups = new ArrayList<>();
        for (TomlTable group : tables(toml.getArray("order"))) {
            List<Element> elements = new ArrayList<>();
            for (TomlTable element : tables(group.getArray("group"))) {
                String id = element.getString("id");
                Buildpack buildpack = known.get(id);
                if (buildpack == null) {
                    throw new IOException("order.toml: buildpack '" + id + "' is not in " + folder);
                }
                elements.add(new Element(buildpack, Boolean.TRUE.equals(element.getBoolean("optional"))));
            }
            groups.add(List.copyOf(elements));
        }
        return new Order(groups);
    }

    private static List<TomlTable> tables(@Nullable TomlArray array) {
        List<TomlTable> tables = new ArrayList<>();
        for (int i = 0; array != null && i < array.size(); i++) {
            tables.add(array.getTable(i));
        }
        return tables;
    }
}
