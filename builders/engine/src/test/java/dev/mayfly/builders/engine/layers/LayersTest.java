package dev.mayfly.builders.engine.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LayersTest {
    @TempDir
    Path folder;

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
        LayerEnv.addForBuild(layer, build);
        Map<String, String> launch = before();
        LayerEnv.addForLaunch(layer, "web", launch);

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
        assertThat(BuiltLayer.of("bp", folder)).isEmpty();
    }

    @Test
    void theNextBuildGetsMetadataAndNoTypes() throws IOException {
        layer("cache = true");
        Files.writeString(
                folder.resolve("layer.toml"), "[types]\ncache = true\n[metadata]\nkey = \"a\\\"b\"\nlist = [1, 2]\n");
        BuiltLayer layer = BuiltLayer.of("bp", folder).getFirst();
        assertThat(layer.tomlWithoutTypes()).isEqualTo("[metadata]\n\"key\" = \"a\\\"b\"\n\"list\" = [1, 2]\n");
    }

    @Test
    void linksOfTheTenantLeadNowhere() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "s");
        Files.createSymbolicLink(folder.resolve("launch.toml"), secret);
        assertThat(BuildFiles.text(folder.resolve("launch.toml"))).isEmpty();
        Path real = Files.createDirectory(folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("linked"), real);
        Files.writeString(folder.resolve("linked.toml"), "[types]\nlaunch = true\n");
        assertThat(BuiltLayer.of("bp", folder)).isEmpty();
    }

    @Test
    void aFolderOfVariablesThatIsALinkIsNotOpened() throws IOException {
        Path host = Files.createDirectories(folder.resolve("host/web"));
        Files.writeString(host.resolve("SECRET"), "s");
        BuiltLayer layer = layer("launch = true");
        Files.createSymbolicLink(layer.content().resolve("env.launch"), folder.resolve("host"));
        Files.createSymbolicLink(layer.content().resolve("env"), host);
        Map<String, String> launch = before();
        LayerEnv.addForLaunch(layer, "web", launch);
        assertThat(launch).isEqualTo(before());
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", ".", "a\nb", "a:b", "a,b"})
    void aLayerHasAName(String name) throws IOException {
        Path bp = Files.createDirectories(folder.resolve("bp"));
        Files.createDirectories(bp.resolve(name));
        Files.writeString(bp.resolve(name + ".toml"), "[types]\nlaunch = true\n");
        assertThatThrownBy(() -> BuiltLayer.of("bp", bp))
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
        Path large = folder.resolve("launch.toml");
        Files.write(large, new byte[1024 * 1024 + 1]);
        assertThatThrownBy(() -> BuildFiles.text(large))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("launch.toml: more than 1048576 bytes");
        Path wide = Files.createDirectory(folder.resolve("wide"));
        for (int i = 0; i <= 10_000; i++) {
            Files.createFile(wide.resolve("f" + i));
        }
        assertThatThrownBy(() -> BuildFiles.list(wide))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("wide: more than 10000 entries");
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
