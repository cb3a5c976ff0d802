package dev.mayfly.builders.buildpacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.image.LayerStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every {@code bin/build} of functions, run as the engine runs it, for two apps that have nothing but their language in common. */
final class SharedShimTest {
    /** @param shim digest of the shim's layer */
    private record Built(String shim, String label, String command) {}

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"function-node", "function-python"})
    void twoAppsShareTheShimByteForByte(String pack) throws Exception {
        Built one = build(pack, "one", "greet");
        Built two = build(pack, "another", "count");
        assertThat(two.shim()).isEqualTo(one.shim());
        assertThat(two.label()).isEqualTo(one.label()).contains("--generic").contains("/shim\"");
        assertThat(two.command()).isNotEqualTo(one.command());
    }

    @Test
    void theShimOfPythonIsCompiledForWhereItWillLie() throws Exception {
        build("function-python", "one", "greet");
        try (var all = Files.list(temp.resolve("one/layers/mayfly_x/shim/mayfly_shim/__pycache__"))) {
            for (Path each : all.toList()) {
                assertThat(new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1))
                        .contains("/layers/mayfly_x/shim/mayfly_shim/")
                        .doesNotContain(temp.toString());
            }
        }
    }

    private Built build(String pack, String app, String target) throws Exception {
        Path folder = Files.createDirectory(temp.resolve(app));
        BuiltIn.writeTo(folder.resolve("packs"));
        Path source = Files.createDirectory(folder.resolve("workspace"));
        Files.writeString(source.resolve("main.py"), "def " + target + "(request): pass\n");
        Files.writeString(source.resolve("index.js"), "exports." + target + " = () => 1;\n");
        Path layers = Files.createDirectories(folder.resolve("layers/mayfly_x"));
        Path directory = folder.resolve("packs").resolve(pack);
        Map<String, String> env = new HashMap<>();
        env.put("PATH", Objects.requireNonNull(System.getenv("PATH")));
        env.put("CNB_LAYERS_DIR", layers.toString());
        env.put("CNB_BUILDPACK_DIR", directory.toString());
        env.put("MAYFLY_FUNCTION_TARGET", target);
        env.put("MAYFLY_FUNCTION_SIGNATURE", "http");
        run(directory.resolve("bin/build"), source, env);
        // As the engine does it when a build has no root of its own.
        String launch = Files.readString(layers.resolve("launch.toml"))
                .replace(folder.resolve("layers").toString(), "/layers");
        return new Built(
                new LayerStore(folder.resolve("store"))
                        .take(layers.resolve("shim"), "layers/mayfly_x/shim", true)
                        .digest(),
                line(launch, "value = "),
                line(launch, "command = "));
    }

    private static String line(String text, String start) {
        return text.lines().filter(each -> each.startsWith(start)).findFirst().orElseThrow();
    }

    private void run(Path program, Path directory, Map<String, String> env) throws IOException, InterruptedException {
        Path output = temp.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(program.toString())
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(env);
        assertThat(builder.start().waitFor()).as(Files.readString(output)).isZero();
    }
}
