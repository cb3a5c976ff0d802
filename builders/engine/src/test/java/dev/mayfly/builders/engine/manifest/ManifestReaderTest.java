package dev.mayfly.builders.engine.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.AppKind;
import dev.mayfly.model.Egress;
import dev.mayfly.model.Limits;
import dev.mayfly.model.MayflyException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestReaderTest {
    @Test
    void anEmptyFileMeansTheDefaults() {
        assertThat(ManifestReader.read("")).isEqualTo(Manifest.DEFAULTS);
    }

    @Test
    void everythingCanBeSaid() {
        Manifest manifest = ManifestReader.read("""
                schema = 1
                kind = "function"
                egress = "none"
                [limits]
                memory = "1GiB"
                cpus = 0.5
                idle-timeout = "10s"
                [function]
                target = "greet"
                signature = "cloudevent"
                source = "src/index.mjs"
                """);
        assertThat(manifest.spec().kind()).isEqualTo(AppKind.FUNCTION);
        assertThat(manifest.spec().egress()).isEqualTo(Egress.NONE);
        assertThat(manifest.spec().limits().memoryMib()).isEqualTo(1024);
        assertThat(manifest.spec().limits().cpus()).isEqualTo(0.5);
        assertThat(manifest.spec().limits().idleTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(manifest.spec().limits().pids()).isEqualTo(Limits.DEFAULTS.pids());
        assertThat(manifest.function())
                .hasValueSatisfying(function -> assertThat(function.target()).isEqualTo("greet"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    kind = "job"                                | mayfly.toml:1: kind: 'job'
                    schema = 2                                  | mayfly.toml:1: schema: '2' (expected: 1)
                    colour = "red"                              | mayfly.toml:1: colour: unknown key
                    [limits]\\nmemory = "lots"                  | mayfly.toml:2: limits.memory: 'lots'
                    [limits]\\n\\nmemory = "8MiB"               | mayfly.toml:3: limits.memory: 8 MiB
                    [limits]\\ncpus = "two"                     | mayfly.toml:2: limits.cpus: 'two'
                    [limits]\\nidle-timeout = "soon"            | mayfly.toml:2: limits.idle-timeout: 'soon'
                    [limits]\\nmemroy = "1GiB"                  | mayfly.toml:2: limits.memroy: unknown key
                    [function]\\ntarget = "x"                   | mayfly.toml:1: function
                    kind = "function"\\n[function]\\nsource = "../x" | mayfly.toml:3: function.source
                    health-path = "healthz"                     | mayfly.toml:1: health-path
                    kind = web                                  | mayfly.toml:1:
                    """)
    void whatIsWrongIsNamedWithItsLine(String text, String expected) {
        assertThatThrownBy(() -> ManifestReader.read(text.replace("\\n", "\n")))
                .isInstanceOfSatisfying(
                        MayflyException.class, e -> assertThat(e.detail()).startsWith(expected));
    }
}
