package dev.mayfly.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigReaderTest {
    @TempDir
    Path folder;

    @Test
    void commandLineBeatsEnvironmentBeatsFileBeatsDefault() throws IOException {
        Path file = folder.resolve("mayfly.toml");
        Files.writeString(file, "a = 1\nb = 1\nc = 1\n");
        ConfigReader config = ConfigReader.load(Map.of("a", "3"), Map.of("MAYFLY_A", "2", "MAYFLY_B", "2"), file);
        assertThat(List.of(
                        config.integer("a", 0), config.integer("b", 0), config.integer("c", 0), config.integer("d", 0)))
                .containsExactly(3, 2, 1, 0);
    }

    @Test
    void namesKeyValueAndExpectationOfAWrongValue() {
        ConfigReader config = ConfigReader.of(Map.of("pool.idle-timeout", "soon"));
        assertThatThrownBy(() -> config.duration("pool.idle-timeout", Duration.ofMinutes(5)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("pool.idle-timeout: 'soon' (expected: for example 250ms");
    }

    @Test
    void refusesKeysNobodyReads() throws IOException {
        Path file = folder.resolve("mayfly.toml");
        Files.writeString(file, "[gateway]\nport = 1\nprot = 2\n");
        ConfigReader config =
                ConfigReader.load(Map.of(), Map.of("MAYFLY_GATEWAY_HOTS", "x", "MAYFLY_TOKEN", "t"), file);
        config.integer("gateway.port", 8080);
        assertThatThrownBy(config::rejectUnknown)
                .hasMessageContaining("gateway.prot")
                .hasMessageContaining("MAYFLY_GATEWAY_HOTS")
                .hasMessageNotContaining("MAYFLY_TOKEN");
    }

    @Test
    void saysWhichLineOfTheFileIsWrong() throws IOException {
        Path file = folder.resolve("mayfly.toml");
        Files.writeString(file, "a = 1\nb = \n");
        assertThatThrownBy(() -> ConfigReader.load(Map.of(), Map.of(), file)).hasMessageContaining("line 2");
    }

    @Test
    void readsArraysAsLists() throws IOException {
        Path file = folder.resolve("mayfly.toml");
        Files.writeString(file, "members = [\"a:1\", \"b:2\"]\n");
        assertThat(ConfigReader.load(Map.of(), Map.of(), file).list("members", List.of()))
                .containsExactly("a:1", "b:2");
    }

    @Test
    void durationsReadBackAsTheyWereWritten() {
        for (Duration duration : List.of(
                Duration.ZERO,
                Duration.ofMillis(250),
                Duration.ofSeconds(90),
                Duration.ofMinutes(5),
                Duration.ofHours(36),
                Duration.ofDays(2))) {
            assertThat(ConfigReader.parseDuration(ConfigReader.format(duration)))
                    .isEqualTo(duration);
        }
    }

    @Test
    void secretsHideInText() {
        assertThat(ConfigReader.of(Map.of("store.password", "hunter2")).secret("store.password"))
                .hasValueSatisfying(secret -> assertThat(secret).hasToString("****"));
    }
}
