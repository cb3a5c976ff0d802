package dev.mayfly.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    /** Builds are cancelled by interrupting their threads, which may be in the middle of a change. */
    @Test
    void anInterruptLeavesTheDatabaseOpen() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            CountDownLatch writing = new CountDownLatch(1);
            Thread writer = Thread.ofVirtual().start(() -> {
                for (int change = 0; !Thread.currentThread().isInterrupted() && change < 10_000; change++) {
                    int version = store.configs().latest(app).version();
                    store.configs().put(app, version, Map.of("CHANGE", String.valueOf(change)), "dev");
                    writing.countDown();
                }
            });
            assertThat(writing.await(10, TimeUnit.SECONDS)).isTrue();
            writer.interrupt();
            writer.join();
            int before = store.configs().latest(app).version();
            assertThat(store.configs().put(app, before, Map.of(), "dev").version())
                    .isEqualTo(before + 1);
        }
    }
}
