package dev.mayfly.builders.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.builders.image.GenericPart;
import dev.mayfly.builders.image.Layer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GenericRecipeTest {
    private static final String LABEL =
            "{\"layer\": \"/layers/p/shim\", \"argv\": [\"run\", \"--generic\"], \"env\": {\"A\": \"own\"}}";
    private static final Layer BASE = new Layer("sha256:base", 1, Path.of("/base"));
    private static final Layer TOOLS = new Layer("sha256:tools", 1, Path.of("/tools"));
    private static final Layer SHIM = new Layer("sha256:shim", 1, Path.of("/shim"));
    private static final Layer PACKAGES = new Layer("sha256:packages", 1, Path.of("/packages"));

    @Test
    void itHoldsBaseToolchainsAndShimAndNothingElse() throws BuildFailure {
        GenericPart part = GenericRecipe.parse(LABEL)
                .cook(
                        List.of(BASE, TOOLS),
                        Map.of("/layers/p/shim", SHIM, "/layers/p/packages", PACKAGES),
                        Map.of("A", "common", "PATH", "/bin"),
                        "/workspace");
        assertThat(part.layers()).containsExactly("sha256:base", "sha256:tools", "sha256:shim");
        assertThat(part.process().argv()).containsExactly("run", "--generic");
        assertThat(part.process().env()).isEqualTo(Map.of("A", "own", "PATH", "/bin"));
        assertThat(part.process().workingDir()).isEqualTo("/workspace");
    }

    @Test
    void aLabelThatIsWrongFailsTheBuildAndSaysWhy() {
        assertThatThrownBy(() -> GenericRecipe.parse("{")).hasMessageContaining("expected: JSON");
        assertThatThrownBy(() -> GenericRecipe.parse("{}")).hasMessageContaining("argv: empty (expected: a program)");
        assertThatThrownBy(() -> GenericRecipe.parse(LABEL).cook(List.of(BASE), Map.of(), Map.of(), "/workspace"))
                .hasMessageContaining("layer: '/layers/p/shim' (expected: a launch layer of this build)");
    }
}
