package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ConfigReferenceTest {
    @Test
    void theReferenceIsWhatTheCodeReads() throws IOException {
        assertThat(Files.readString(Path.of("../../docs/configuration.md")))
                .as("write it again: java -cp 'platform/distribution/target/lib/*' dev.mayfly.server.ConfigReference"
                        + " docs/configuration.md")
                .isEqualTo(ConfigReference.text(new Meanings(Path.of("../.."))))
                .as("every setting says what it means")
                .doesNotContain("|  |\n");
    }
}
