package dev.mayfly.builders.engine.detect;

import dev.mayfly.model.AppKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * One buildpack of this server on disk (Buildpack API 0.9 to 0.12). Its files are the server's: no build can write them.
 *
 * @param id for example {@code mayfly/node}
 * @param name for people
 * @param directory with {@code buildpack.toml} and {@code bin/}
 * @param clearEnv whether the app's configuration stays out of its environment
 * @param language what a person would call apps that it builds, with the version of a toolchain by its name in braces; empty:
 *     it is no language's
 * @param expects what an app of a kind must have to be this buildpack's, for the person whose app is nobody's
 * @param generic how its functions start before they are bound; empty: they are not bound late
 */
public record Buildpack(
        String id,
        String version,
        String name,
        Path directory,
        boolean clearEnv,
        String language,
        Map<AppKind, String> expects,
        Optional<Generic> generic) {
    public Buildpack {
        expects = Map.copyOf(expects);
    }

    /** Its name in paths. */
    public String escapedId() {
        return id.replace('/', '_');
    }

    /** What makes its functions' shim, if it has one. */
    public Optional<Path> shimProgram() {
        return Optional.of(directory.resolve("bin/shim")).filter(Files::isExecutable);
    }

    /** Reads {@code buildpack.toml} of a directory. */
    static Buildpack read(Path directory) throws IOException {
        TomlParseResult toml = Toml.parse(directory.resolve("buildpack.toml"));
        if (toml.hasErrors()) {
            throw new IOException(
                    directory + "/buildpack.toml: " + toml.errors().getFirst());
        }
        String api = toml.getString("api");
        if (api == null || !api.matches("0\\.(9|1[0-2])")) {
            throw new IOException(directory + "/buildpack.toml: api '" + api + "' (expected: 0.9 to 0.12)");
        }
        if (!Files.isExecutable(directory.resolve("bin/detect"))) {
            throw new IOException(directory + "/bin/detect: not executable (expected: a program)");
        }
        String id = Objects.requireNonNull(toml.getString("buildpack.id"), "buildpack.id");
        return new Buildpack(
                id,
                Objects.requireNonNullElse(toml.getString("buildpack.version"), "0"),
                Objects.requireNonNullElse(toml.getString("buildpack.name"), id),
                directory,
                Boolean.TRUE.equals(toml.getBoolean("buildpack.clear-env")),
                Objects.requireNonNullElse(toml.getString("metadata.language"), ""),
                expects(toml),
                Optional.ofNullable(toml.getTable("metadata.generic")).map(Buildpack::generic));
    }

    private static Map<AppKind, String> expects(TomlTable toml) {
        Map<AppKind, String> expects = new EnumMap<>(AppKind.class);
        for (AppKind kind : AppKind.values()) {
            String expected = toml.getString("metadata.expects." + kind.name().toLowerCase(Locale.ROOT));
            if (expected != null) {
                expects.put(kind, expected);
            }
        }
        return expects;
    }

    private static Generic generic(TomlTable table) {
        Map<String, String> env = new TreeMap<>();
        TomlTable variables = table.getTable("env");
        if (variables != null) {
            variables
                    .keySet()
                    .forEach(name -> env.put(name, Objects.requireNonNull(variables.getString(List.of(name)))));
        }
        return new Generic(
                Objects.requireNonNull(table.getString("toolchain"), "toolchain"),
                Objects.requireNonNull(table.getString("program"), "program"),
                texts(table.getArray("arguments")),
                env,
                texts(table.getArray("needs")));
    }

    private static List<String> texts(@Nullable TomlArray array) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; array != null && i < array.size(); i++) {
            texts.add(array.getString(i));
        }
        return texts;
    }
}
