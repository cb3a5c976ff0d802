package dev.mayfly.builders.buildpacks;

import dev.mayfly.functions.FunctionLanguages;
import dev.mayfly.functions.language.FunctionLanguage;
import dev.mayfly.functions.language.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The buildpacks that come with Mayfly: those of apps, which lie in this module, and each function language's own with its shim. */
public final class BuiltIn {
    private static final String ORDER = "order.toml";

    private BuiltIn() {}

    /** Writes them below this empty directory: one directory each, and {@code order.toml}. */
    public static void writeTo(Path directory) throws IOException {
        writeTo(directory, FunctionLanguages.all());
    }

    /** The same with these languages of functions, tried in this order and before all apps. */
    public static void writeTo(Path directory, List<FunctionLanguage> languages) throws IOException {
        Files.createDirectories(directory);
        Resources.copy(BuiltIn.class, "app-buildpacks", directory);
        StringBuilder order = new StringBuilder();
        for (FunctionLanguage each : languages) {
            Path buildpack = directory.resolve(each.buildpack());
            each.writeBuildpack(buildpack);
            each.writeShim(buildpack.resolve("shim"));
            order.append(each.order()).append('\n');
        }
        order.append(Files.readString(directory.resolve(ORDER)));
        Files.writeString(directory.resolve(ORDER), order);
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file :
                    all.filter(each -> each.toString().contains("/bin/")).toList()) {
                file.toFile().setExecutable(true, false);
            }
        }
    }
}
