package dev.mayfly.builders.engine.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
