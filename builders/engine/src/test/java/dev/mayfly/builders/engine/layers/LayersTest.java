package dev.mayfly.builders.engine.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.builders.engine.toml.BoundedToml;
import dev.mayfly.builders.image.ForeignTree;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LayersTest {
    /** Of all buildpacks; below it is one, bp. */
    @TempDir
    Path root;

    private Path folder;
    private ForeignTree tree;

    @BeforeEach
    void open() throws IOException {
        folder = Files.createDirectory(root.resolve("bp"));
        tree = ForeignTree.open(root);
    }

    @AfterEach
    void close() {
        tree.close();
    }

    @Test
    void variablesChangeAsTheirSuffixesSay() throws IOException {
        BuiltLayer layer = layer("build = true\nlaunch = true");
        file(layer, "env/PLAIN", "new");
        file(layer, "env/OVER.override", "new");
        file(layer, "env/FRONT.prepend", "new");
        file(layer, "env/FRONT.delim", ":");
        file(layer, "env/BACK.append", "new");
        file(layer, "env/BACK.delim", ",");
        file(layer, "env/SET.default", "new");
        file(layer, "env/UNSET.default", "new");
        file(layer, "env.build/BUILD", "yes");
        file(layer, "env.launch/LAUNCH", "yes");
        file(layer, "env.launch/web/WEB", "yes");
        file(layer, "bin/tool", "");
        Map<String, String> build = before();
        LayerEnv.addForBuild(tree, layer, build);
        Map<String, String> launch = before();
        LayerEnv.addForLaunch(tree, layer, "web", launch);

        assertThat(build)
                .containsEntry("PLAIN", "new")
                .containsEntry("OVER", "new")
                .containsEntry("FRONT", "new:old")
                .containsEntry("BACK", "old,new")
                .containsEntry("SET", "old")
                .containsEntry("UNSET", "new")
                .containsEntry("BUILD", "yes")
                .containsEntry("PATH", "/layers/bp/layer/bin:/bin")
                .doesNotContainKeys("LAUNCH", "WEB");
        assertThat(launch)
                .containsEntry("LAUNCH", "yes")
                .containsEntry("WEB", "yes")
                .doesNotContainKey("BUILD");
    }

    @Test
    void layersWithoutATypeAreNone() throws IOException {
        layer("");
        assertThat(BuiltLayer.of("bp", tree, root)).isEmpty();
    }

    @Test
    void theNextBuildGetsMetadataAndNoTypes() throws IOException {
        layer("cache = true");
        Files.writeString(
                folder.resolve("layer.toml"), "[types]\ncache = true\n[metadata]\nkey = \"a\\\"b\"\nlist = [1, 2]\n");
        BuiltLayer layer = BuiltLayer.of("bp", tree, root).getFirst();
        assertThat(layer.kept()).isEqualTo("[metadata]\n\"key\" = \"a\\\"b\"\n\"list\" = [1, 2]\n");
    }

    /** The next build finds it, and reads it under the same limits. */
    @Test
    void whatIsKeptSaysTheSameAndIsHardlyLonger() throws IOException {
        Files.createDirectory(folder.resolve("layer"));
        String metadata = "[metadata]\ntabs = '" + "\t".repeat(9_000) + "'\nreturns = \"\\r\\b\\f\\n\\u0001\"\n"
                + "numbers = [inf, -inf, nan, 1.5]\ntime = 07:32:00\ndays = [2026-01-02, 2026-01-02T00:00:00, 2026-01-02T00:00:00Z]\n";
        Files.writeString(folder.resolve("layer.toml"), "[types]\ncache = true\n" + metadata);
        String kept = BuiltLayer.of("bp", tree, root).getFirst().kept();
        assertThat(kept).hasSizeLessThan(2 * metadata.length() + 200);
        assertThat(BoundedToml.parse(kept).table().toJson())
                .isEqualTo(BoundedToml.parse(metadata).table().toJson());
    }

    @Test
    void whatWouldBeKeptAndNotReadAgainIsRefused() throws IOException {
        Files.createDirectory(folder.resolve("layer"));
        Files.writeString(
                folder.resolve("layer.toml"), "[types]\ncache = true\n[metadata]\nx = '" + "\"".repeat(20_000) + "'\n");
        assertThatThrownBy(() -> BuiltLayer.of("bp", tree, root))
                .hasMessageContaining("layer.toml: metadata: 400")
                .hasMessageContaining("at most 32768");
    }

    @Test
    void linksOfTheTenantLeadNowhere() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "s");
        Files.createSymbolicLink(folder.resolve("named.toml"), secret);
        Files.createDirectory(folder.resolve("named"));
        Path real = Files.createDirectory(folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("linked"), real);
        Files.writeString(folder.resolve("linked.toml"), "[types]\nlaunch = true\n");
        assertThat(BuiltLayer.of("bp", tree, root)).isEmpty();
    }

    @Test
    void aFolderOfVariablesThatIsALinkIsNotOpened() throws IOException {
        Path host = Files.createDirectories(folder.resolve("host/web"));
        Files.writeString(host.resolve("SECRET"), "s");
        BuiltLayer layer = layer("launch = true");
        Files.createSymbolicLink(layer.content().resolve("env.launch"), folder.resolve("host"));
        Files.createSymbolicLink(layer.content().resolve("env"), host);
        Map<String, String> launch = before();
        LayerEnv.addForLaunch(tree, layer, "web", launch);
        assertThat(launch).isEqualTo(before());
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a\nb", "a:b", "a,b", "a.toml"})
    void aLayerHasAName(String name) throws IOException {
        Files.createDirectories(folder.resolve(name));
        Files.writeString(folder.resolve(name + ".toml"), "[types]\nlaunch = true\n");
        assertThatThrownBy(() -> BuiltLayer.of("bp", tree, root))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(expected: a name of");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a/b", ""})
    void aProcessHasAType(String type) {
        assertThatThrownBy(() -> LaunchFile.parse("[[processes]]\ntype = \"" + type + "\"\ncommand = [\"x\"]\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("process type '" + type + "'");
    }

    @Test
    void moreThanCanBeMeantIsRefused() throws IOException {
        for (int i = 0; i <= BuildLimits.LAYERS_MAX; i++) {
            Files.createDirectory(folder.resolve("l" + i));
            Files.writeString(folder.resolve("l" + i + ".toml"), "[types]\ncache = true\n");
        }
        assertThatThrownBy(() -> BuiltLayer.of("bp", tree, root)).hasMessageContaining("layers: more than 64");
        for (int i = 0; i <= BuildLimits.ENTRIES_MAX; i++) {
            Files.createFile(folder.resolve("f" + i));
        }
        assertThatThrownBy(() -> BuiltLayer.of("bp", tree, root))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("bp: more than 1000 entries");
    }

    @Test
    void aLayersFileHasALimit() throws IOException {
        layer("launch = true");
        Files.writeString(folder.resolve("layer.toml"), " ".repeat(BuildLimits.LAYER_TOML_BYTES_MAX + 1));
        assertThatThrownBy(() -> BuiltLayer.of("bp", tree, root)).hasMessageContaining("more than 32768 bytes");
    }

    @Test
    void anEnvironmentHasALimitHoweverManyLayersAddToIt() throws IOException {
        BuiltLayer layer = layer("launch = true");
        file(layer, "env/LONG.append", "x".repeat(BuildLimits.VARIABLE_BYTES_MAX));
        Map<String, String> env = before();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 9; i++) {
                        LayerEnv.addForLaunch(tree, layer, "web", env);
                    }
                })
                .hasMessageContaining("environment: ")
                .hasMessageContaining("(expected: at most 262144");
        file(layer, "env/TOO_LONG", "x".repeat(BuildLimits.VARIABLE_BYTES_MAX + 1));
        assertThatThrownBy(() -> LayerEnv.addForBuild(tree, layer, before()))
                .hasMessageContaining("more than 32768 bytes");
    }

    @Test
    void whatIsReadOfOneBuildHasALimit() throws IOException {
        BuiltLayer layer = layer("launch = true");
        for (int i = 0; i < 200; i++) {
            file(layer, "env/V" + i, "x".repeat(1_000));
        }
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        LayerEnv.addForLaunch(tree, layer, "web", before());
                    }
                })
                .hasMessageContaining("bytes in all files that are read");
    }

    @ParameterizedTest
    @CsvSource({"processes, 33", "labels, 65"})
    void aLaunchFileHasLimits(String what, int number) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < number; i++) {
            text.append("[[" + what + "]]\ntype = \"p" + i + "\"\nkey = \"k" + i + "\"\ncommand = [\"x\"]\n");
        }
        assertThatThrownBy(() -> LaunchFile.parse(text.toString()))
                .hasMessageContaining("launch.toml: " + what + ": more than " + (number - 1));
    }

    /** A value of another type is the build's fault, not the platform's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "processes = 1",
                "processes = [1]",
                "[[processes]]\ntype = 1",
                "[processes]\na = 1",
                "labels = \"x\"",
                "[[processes]]\ntype = \"web\"\ncommand = [1]",
                "[[processes]]\ntype = \"web\"\ncommand = \"x\""
            })
    void aValueOfAnotherTypeIsNamed(String text) {
        assertThatThrownBy(() -> LaunchFile.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("launch.toml");
    }

    @Test
    void processesAndLabelsAreRead() {
        LaunchFile file = LaunchFile.parse("""
                [[processes]]
                type = "web"
                command = ["node", "server.js"]
                args = ["--quiet"]
                working-dir = "app"
                [[labels]]
                key = "k"
                value = "v"
                """);
        assertThat(file.processes())
                .containsEntry("web", new LaunchFile.Start(List.of("node", "server.js", "--quiet"), "app"));
        assertThat(file.labels()).containsEntry("k", "v");
    }

    /** Labels that begin as ours do are what Mayfly knows; a build that could write one would be believed. */
    @ParameterizedTest
    @ValueSource(strings = {"dev.mayfly.generic", "dev.mayfly.language", "dev.mayfly", "DEV.Mayfly.x"})
    void aBuildCannotSetALabelOfMayfly(String key) {
        assertThatThrownBy(() -> LaunchFile.parse("[[labels]]\nkey = \"" + key + "\"\nvalue = \"{}\"\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("label '" + key + "' (expected: none that begins with 'dev.mayfly.'");
    }

    private BuiltLayer layer(String types) throws IOException {
        Files.createDirectories(folder.resolve("layer"));
        Files.writeString(folder.resolve("layer.toml"), "[types]\n" + types + "\n");
        return new BuiltLayer("bp", "layer", folder.resolve("layer"), true, true, false, "");
    }

    private static void file(BuiltLayer layer, String name, String content) throws IOException {
        Path file = layer.content().resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static Map<String, String> before() {
        return new TreeMap<>(Map.of("PATH", "/bin", "OVER", "old", "FRONT", "old", "BACK", "old", "SET", "old"));
    }
}
