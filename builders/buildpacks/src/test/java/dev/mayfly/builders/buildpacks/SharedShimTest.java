package dev.mayfly.builders.buildpacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.image.LayerAllowance;
import dev.mayfly.builders.image.LayerStore;
import dev.mayfly.builders.image.Trees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every {@code bin/shim}, run as the engine runs it: what generic instances run before they are anybody's. */
final class SharedShimTest {
    private static final String HOME = System.getProperty("java.home");

    @TempDir
    Path temp;

    @ParameterizedTest
    @MethodSource("made")
    void aShimComesOutTheSameWheneverItIsMade(String pack) throws Exception {
        assertThat(digest(pack, shim(pack, "one"))).isEqualTo(digest(pack, shim(pack, "another")));
    }

    @Test
    void theShimOfPythonIsCompiledForWhereItWillLie() throws Exception {
        Path shim = shim("function-python", "one");
        try (var all = Files.list(shim.resolve("mayfly_shim/__pycache__"))) {
            for (Path each : all.toList()) {
                assertThat(new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1))
                        .contains("/layers/mayfly_x/shim/mayfly_shim/")
                        .doesNotContain(temp.toString());
            }
        }
    }

    @Test
    void javasClassesLieReadyAndTheSameForAllApps() throws Exception {
        // In an archive there is the place of the jar, and only where it lies is it of use: so both are made at one
        // place.
        Path shim = temp.resolve("one/layers/mayfly_x/shim");
        byte[] one = archive(shim);
        Trees.delete(temp.resolve("one"));
        assertThat(archive(shim)).isEqualTo(one);
        ProcessBuilder start = new ProcessBuilder(
                        HOME + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-XX:SharedArchiveFile=" + shim.resolve("shim.jsa"),
                        "-Xlog:class+load",
                        "-jar",
                        shim.resolve("shim.jar").toString(),
                        "--rehearse")
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("loaded").toFile());
        assertThat(start.start().waitFor()).isZero();
        assertThat(Files.readString(temp.resolve("loaded")))
                .containsPattern("dev\\.mayfly\\.functions\\.java\\.shim\\.HttpConnection source: shared objects file");
    }

    /** A variable that makes bash run a file is the way of a build into the buildpacks after it. */
    @ParameterizedTest
    @MethodSource("all")
    void noVariableMakesABuildpackRunAnotherProgram(String pack) throws Exception {
        BuiltIn.writeTo(temp.resolve("packs"));
        Path marker = temp.resolve("ran");
        Path trap = Files.writeString(temp.resolve("trap.sh"), "touch " + marker + "\n");
        for (String program : List.of("detect", "build", "shim")) {
            Path file = temp.resolve("packs").resolve(pack).resolve("bin").resolve(program);
            if (Files.exists(file)) {
                Map<String, String> env = environment();
                env.put("PATH", "/usr/bin:/bin"); // Without scripts of this machine that stand in for python3, say.
                env.put("BASH_ENV", trap.toString());
                env.put("ENV", trap.toString());
                env.put("BASH_FUNC_set%%", "() { touch " + marker + "; }");
                Process process =
                        process(List.of(file.toString()), Files.createDirectories(temp.resolve("empty")), env);
                process.waitFor();
                assertThat(marker).as(program).doesNotExist();
            }
        }
    }

    /** Those of languages whose shim is a layer of its own, made ahead of any build. */
    static List<String> made() throws IOException {
        return names("bin/shim");
    }

    static List<String> all() throws IOException {
        return names("bin/detect");
    }

    private static List<String> names(String program) throws IOException {
        Path folder = Files.createTempDirectory("packs");
        try {
            BuiltIn.writeTo(folder);
            try (Stream<Path> all = Files.list(folder)) {
                return all.filter(each -> Files.exists(each.resolve(program)))
                        .map(each -> String.valueOf(each.getFileName()))
                        .sorted()
                        .toList();
            }
        } finally {
            Trees.delete(folder);
        }
    }

    private byte[] archive(Path shim) throws IOException, InterruptedException {
        shim("function-java", "one");
        return Files.readAllBytes(shim.resolve("shim.jsa"));
    }

    private Path shim(String pack, String name) throws IOException, InterruptedException {
        Path folder = temp.resolve(name);
        BuiltIn.writeTo(folder.resolve("packs"));
        Path directory = folder.resolve("packs").resolve(pack);
        Path layers = Files.createDirectories(folder.resolve("layers/mayfly_x"));
        Map<String, String> env = environment();
        env.put("CNB_BUILDPACK_DIR", directory.toString());
        env.put("MAYFLY_ARCHIVE_ANYWHERE", pack.equals("function-java") && name.equals("one") ? "1" : "");
        Path shim = layers.resolve("shim");
        Process process = process(List.of(directory.resolve("bin/shim").toString(), shim.toString()), folder, env);
        assertThat(process.waitFor())
                .as(Files.readString(temp.resolve("output")))
                .isZero();
        return shim;
    }

    private String digest(String pack, Path shim) throws IOException {
        if (pack.equals("function-java")) {
            Files.deleteIfExists(shim.resolve("shim.jsa")); // Has its place in it; of that is another test.
        }
        return new LayerStore(temp.resolve("store"))
                .take(shim, "layers/mayfly_x/shim", true, ample())
                .digest();
    }

    private static Map<String, String> environment() {
        Map<String, String> env = new HashMap<>();
        env.put("PATH", HOME + "/bin:" + Objects.requireNonNull(System.getenv("PATH")));
        env.put("JAVA_HOME", HOME);
        return env;
    }

    private Process process(List<String> command, Path directory, Map<String, String> env) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(temp.resolve("output").toFile());
        builder.environment().clear();
        builder.environment().putAll(env);
        return builder.start();
    }

    private static LayerAllowance ample() {
        return new LayerAllowance(16L << 30, 1_000_000);
    }
}
