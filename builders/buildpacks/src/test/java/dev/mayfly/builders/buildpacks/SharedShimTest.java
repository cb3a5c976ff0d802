package dev.mayfly.builders.buildpacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.image.LayerStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
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

    private static final String HOME = System.getProperty("java.home");

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"function-node", "function-python", "function-java"})
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

    @Test
    void javasClassesLieReadyAndTheSameForAllApps() throws Exception {
        Path shim = Files.createDirectory(temp.resolve("shim"));
        BuiltIn.writeTo(temp.resolve("packs"));
        Path pack = temp.resolve("packs/function-java");
        for (String each : List.of("shim.jar", "libmayfly-shim.so")) {
            Files.copy(pack.resolve("shim").resolve(each), shim.resolve(each));
        }
        byte[] one = archive(pack, shim, "one");
        assertThat(archive(pack, shim, "another")).isEqualTo(one);
        assertThat(temp.resolve("one")).isDirectoryContaining("glob:**/{shim.jsa,key}");
        Path archive = temp.resolve("one/shim.jsa");
        Instant made = Files.getLastModifiedTime(archive).toInstant();
        archive(pack, shim, "one");
        assertThat(Files.getLastModifiedTime(archive).toInstant()).isEqualTo(made);
        ProcessBuilder start = new ProcessBuilder(
                        HOME + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-XX:SharedArchiveFile=" + archive,
                        "-Xlog:class+load",
                        "-jar",
                        shim.resolve("shim.jar").toString(),
                        "--rehearse")
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("loaded").toFile());
        assertThat(start.start().waitFor()).isZero();
        assertThat(Files.readString(temp.resolve("loaded")))
                .containsPattern("dev\\.mayfly\\.pool\\.contracts\\.java\\.Connection source: shared objects file");
    }

    private byte[] archive(Path pack, Path shim, String name) throws IOException, InterruptedException {
        Path cache = temp.resolve(name);
        run(List.of(pack.resolve("bin/archive").toString(), shim.toString(), cache.toString()), temp, environment());
        return Files.readAllBytes(cache.resolve("shim.jsa"));
    }

    private static Map<String, String> environment() {
        Map<String, String> env = new HashMap<>();
        env.put("PATH", HOME + "/bin:" + Objects.requireNonNull(System.getenv("PATH")));
        env.put("JAVA_HOME", HOME);
        return env;
    }

    private Built build(String pack, String app, String target) throws Exception {
        Path folder = Files.createDirectory(temp.resolve(app));
        BuiltIn.writeTo(folder.resolve("packs"));
        Path source = Files.createDirectory(folder.resolve("workspace"));
        Files.writeString(source.resolve("main.py"), "def " + target + "(request): pass\n");
        Files.writeString(source.resolve("index.js"), "exports." + target + " = () => 1;\n");
        Path layers = Files.createDirectories(folder.resolve("layers/mayfly_x"));
        Path directory = folder.resolve("packs").resolve(pack);
        Path classes = Files.createDirectories(source.resolve("target/classes"));
        Files.createFile(classes.resolve(target + ".class"));
        Map<String, String> env = environment();
        env.put("CNB_LAYERS_DIR", layers.toString());
        env.put("CNB_BUILDPACK_DIR", directory.toString());
        env.put("MAYFLY_FUNCTION_TARGET", target);
        env.put("MAYFLY_FUNCTION_SIGNATURE", "http");
        run(List.of(directory.resolve("bin/build").toString()), source, env);
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

    private void run(List<String> command, Path directory, Map<String, String> env)
            throws IOException, InterruptedException {
        Path output = temp.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().clear();
        builder.environment().putAll(env);
        assertThat(builder.start().waitFor()).as(Files.readString(output)).isZero();
    }
}
