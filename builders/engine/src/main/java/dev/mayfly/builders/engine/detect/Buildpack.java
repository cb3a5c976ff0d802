package dev.mayfly.builders.engine.detect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;

/**
 * One buildpack on disk (Buildpack API 0.9 to 0.12).
 *
 * @param id for example {@code mayfly/node}
 * @param name for people
 * @param directory with {@code buildpack.toml} and {@code bin/}
 * @param clearEnv whether the app's configuration stays out of its environment
 */
public record Buildpack(String id, String version, String name, Path directory, boolean clearEnv) {
    /** Its name in paths. */
    public String escapedId() {
        return id.replace('/', '_');
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
                Boolean.TRUE.equals(toml.getBoolean("buildpack.clear-env")));
    }
}
