package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class H2StoreTest extends StoreContract {
    @Override
    StoreConfig config(Path folder) {
        return StoreConfig.from(ConfigReader.of(Map.of()), folder);
    }

    @Test
    void keepsNoValueInTheClear() throws IOException {
        store.configs().put(app, 0, Map.of("PASSWORD", "canary-4711"), "dev");
        store.close();
        try (var files = Files.walk(data)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                        .doesNotContain("canary-4711");
            }
        }
        store = Store.open(config(data), clock);
    }
}
