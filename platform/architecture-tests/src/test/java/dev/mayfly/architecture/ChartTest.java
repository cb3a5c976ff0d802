package dev.mayfly.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Helm chart passes lint and renders with every file of values that it ships for tests. */
final class ChartTest {
    private static final Path CHART =
            Path.of("../../helm/mayfly").toAbsolutePath().normalize();

    static Stream<Path> values() throws IOException {
        try (var files = Files.list(CHART.resolve("ci"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    @Test
    void lintFindsNothing() {
        var result = new Helm(CHART).lint().strict().call();
        assertThat(result.isFailed())
                .as(String.join("\n", result.getMessages()))
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("values")
    void rendersWithTheValuesOfTheTests(Path values) {
        String rendered = new Helm(CHART)
                .template()
                .withKubeVersion("1.31.0")
                .withValuesFile(values)
                .call();
        assertThat(rendered)
                .contains("kind: StatefulSet")
                .contains("path: /readyz")
                .contains("path: /livez")
                .contains("kind: NetworkPolicy");
    }

    @Test
    void aValueThatTheSchemaDoesNotKnowIsRefused() {
        assertThatThrownBy(
                        () -> new Helm(CHART).template().set("nosuchvalue", "1").call())
                .hasMessageContaining("nosuchvalue");
    }
}
