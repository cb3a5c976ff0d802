package dev.mayfly.builders.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.engine.detect.Generic;
import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.builders.image.Layer;
import dev.mayfly.builders.toolchains.Toolchain;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class GenericRecipeTest {
    private static final Generic GENERIC = new Generic(
            "tool",
            "bin/run",
            List.of("-m{memory}", "-archive={shim}/archive", "{shim}/shim", "--generic"),
            Map.of("A", "own"),
            List.of("library"));
    private static final Layer BASE = new Layer("sha256:base", 1, Path.of("/base"));
    private static final Layer TOOLS = new Layer("sha256:tools", 1, Path.of("/tools"));
    private static final Layer SHIM = new Layer("sha256:shim", 1, Path.of("/shim"));
    private static final List<Toolchain> TOOLCHAINS =
            List.of(new Toolchain("tool", "7", Path.of("/tools"), "/cnb/toolchains/tool/7", Map.of()));

    @Test
    void itHoldsBaseToolchainsAndShimAndNothingElse() {
        GenericPart part =
                cook(Set.of("shim", "library", "archive"), TOOLCHAINS).orElseThrow();
        assertThat(part.layers()).containsExactly("sha256:base", "sha256:tools", "sha256:shim");
        assertThat(part.process().argv())
                .containsExactly(
                        "/cnb/toolchains/tool/7/bin/run",
                        "-m256",
                        "-archive=/layers/x/shim/archive",
                        "/layers/x/shim/shim",
                        "--generic");
        assertThat(part.process().env()).isEqualTo(Map.of("A", "own", "PATH", "/bin"));
        assertThat(part.process().workingDir()).isEqualTo("/workspace");
    }

    @Test
    void aFileThatTheShimLacksIsNotNamed() {
        assertThat(cook(Set.of("shim", "library"), TOOLCHAINS)
                        .orElseThrow()
                        .process()
                        .argv())
                .containsExactly("/cnb/toolchains/tool/7/bin/run", "-m256", "/layers/x/shim/shim", "--generic");
    }

    @Test
    void withoutWhatItNeedsThereIsNone() {
        assertThat(cook(Set.of("shim", "archive"), TOOLCHAINS)).isEmpty();
        assertThat(cook(Set.of("shim", "library"), List.of())).isEmpty();
    }

    private static Optional<GenericPart> cook(Set<String> files, List<Toolchain> toolchains) {
        return new GenericRecipe(GENERIC, new ShimLayers.Shim(SHIM, "layers/x/shim", files), 256)
                .cook(List.of(BASE, TOOLS), toolchains, Map.of("A", "common", "PATH", "/bin"), "/workspace");
    }
}
