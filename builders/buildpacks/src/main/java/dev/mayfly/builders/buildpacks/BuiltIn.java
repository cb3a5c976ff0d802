package dev.mayfly.builders.buildpacks;

import dev.mayfly.functions.Shims;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The buildpacks that come with Mayfly, with the function shims that some of them put into images. */
public final class BuiltIn {
    private static final String RESOURCES = "buildpacks";

    private BuiltIn() {}

    /** Writes them below this empty directory: one directory each, and {@code order.toml}. */
    public static void writeTo(Path directory) throws IOException {
        Files.createDirectories(directory);
        Shims.copyResources(BuiltIn.class, RESOURCES, directory);
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file :
                    all.filter(each -> each.toString().contains("/bin/")).toList()) {
                file.toFile().setExecutable(true, false);
            }
        }
        Shims.writeNode(directory.resolve("function-node/shim"));
        Shims.writePython(directory.resolve("function-python/shim"));
        Shims.writeJava(directory.resolve("function-java/shim"));
        Shims.writeCgi(directory.resolve("function-exec/shim")); // If it was not built, that buildpack says so.
    }
}
