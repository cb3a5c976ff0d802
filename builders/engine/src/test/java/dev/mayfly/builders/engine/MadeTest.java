package dev.mayfly.builders.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.builders.engine.layers.BuildLimits;
import dev.mayfly.builders.engine.layers.BuiltLayer;
import dev.mayfly.builders.engine.layers.LaunchFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each layer and each buildpack may say as much; all of them together may not. */
final class MadeTest {
    private static final int EACH = 32 * 1024;

    @Test
    void whatBuildpacksSayOfTheirLayersHasALimitInAll() {
        List<BuiltLayer> layers = new ArrayList<>();
        for (int i = 0; i < BuildLimits.HELD_CHARACTERS_MAX / EACH; i++) {
            layers.add(layer(i, "x".repeat(EACH)));
        }
        List<BuiltLayer> few = layers.subList(1, layers.size());
        made(few, "", "").limit();
        refused(made(layers, "", ""));
    }

    @Test
    void processesAndLabelsCountWithThem() {
        made(List.of(), "x".repeat(BuildLimits.HELD_CHARACTERS_MAX / 2), "y").limit();
        refused(made(List.of(layer(0, "x".repeat(EACH))), "x".repeat(BuildLimits.HELD_CHARACTERS_MAX - EACH), ""));
        refused(made(List.of(layer(0, "x".repeat(EACH))), "", "y".repeat(BuildLimits.HELD_CHARACTERS_MAX - EACH)));
    }

    private static void refused(BuildPhase.Made made) {
        assertThatThrownBy(made::limit)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most " + BuildLimits.HELD_CHARACTERS_MAX);
    }

    private static BuiltLayer layer(int number, String kept) {
        return new BuiltLayer("bp", "l" + number, Path.of("/l" + number), true, false, true, kept);
    }

    private static BuildPhase.Made made(List<BuiltLayer> layers, String argument, String label) {
        return new BuildPhase.Made(
                layers, Map.of("web", new LaunchFile.Start(List.of("run", argument), "")), Map.of("label", label));
    }
}
