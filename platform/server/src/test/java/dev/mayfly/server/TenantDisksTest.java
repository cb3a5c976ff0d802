package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.builders.engine.disk.DiskUse;
import dev.mayfly.builders.engine.disk.Measure;
import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.control.deploy.KeepConfig;
import dev.mayfly.model.TenantName;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.disk.DiskConfig;
import dev.mayfly.runtime.disk.DiskSpace;
import dev.mayfly.runtime.metrics.Metrics;
import dev.mayfly.store.Store;
import dev.mayfly.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TenantDisksTest {
    private static final TenantName LARGE = new TenantName("large");
    private static final TenantName SMALL = new TenantName("small");

    @TempDir
    Path data;

    private Store store;
    private TenantDisks.Tape tape = Measure::tree;
    private TenantDisks disks;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(StoreConfig.from(ConfigReader.of(Map.of()), data), Clock.systemUTC());
        store.tenants().create(LARGE);
        store.tenants().create(SMALL);
        fill(LARGE, 2);
        fill(SMALL, 0);
        disks = disks();
        disks.allChanged();
    }

    private TenantDisks disks() {
        return new TenantDisks(
                store,
                new ImageStore(data.resolve("images")),
                new KeepConfig(2, 1, 2, 1, 10),
                data,
                folder -> tape.tree(folder));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void whoTakesTooMuchMayPushAgainAsSoonAsItIsFreed() throws Exception {
        disks.measure();
        assertThat(disks.refusal(LARGE).orElseThrow()).contains("takes 2 MiB", "may take 1");
        assertThat(disks.refusal(SMALL)).isEmpty();
        fill(LARGE, 0); // An old cache, say; nobody tells.
        disks.measure();
        assertThat(disks.refusal(LARGE)).isEmpty();
    }

    @Test
    void aDiskThatIsTooSlowToTellChangesNothing() throws Exception {
        disks.measure();
        tape = _ -> Optional.of(new DiskUse(Long.MAX_VALUE / 4, Long.MAX_VALUE / 4));
        disks.allChanged();
        disks.measure();
        assertThat(disks.refusal(SMALL)).isEmpty();
        assertThat(disks.refusal(LARGE).orElseThrow()).contains("takes 2 MiB");
    }

    @Test
    void whoCouldNotBeMeasuredHindersNobodyAndIsTriedAgain() throws Exception {
        for (TenantName broken : List.of(LARGE, SMALL)) { // One of them comes first.
            tape = folder -> {
                if (folder.endsWith(broken.value())) {
                    throw new IOException("of the test");
                }
                return Measure.tree(folder);
            };
            disks = disks();
            disks.allChanged();
            assertThatThrownBy(disks::measure).isInstanceOf(IOException.class);
            assertThat(disks.used()).containsOnlyKeys(broken.equals(LARGE) ? SMALL : LARGE);
            tape = Measure::tree;
            disks.measure();
            assertThat(disks.used()).containsOnlyKeys(SMALL, LARGE);
        }
    }

    @Test
    void figuresAreMetrics() throws Exception {
        disks.measure();
        try (Metrics metrics = new Metrics()) {
            new DiskMetrics(new DiskSpace(data, new DiskConfig(3)), metrics.registry()).tenants(disks.used());
            assertThat(metrics.scrape())
                    .contains("mayfly_disk_free_bytes ", "mayfly_disk_reserve_bytes 3145728.0")
                    .containsPattern("mayfly_tenant_disk_bytes\\{tenant=\"large\",\\} 2\\d{6}")
                    .contains("mayfly_tenant_disk_bytes{tenant=\"small\",}");
        }
    }

    private void fill(TenantName tenant, int mib) throws IOException {
        Path folder = Files.createDirectories(data.resolve("cache").resolve(tenant.value()));
        Files.write(folder.resolve("file"), new byte[mib * 1024 * 1024]);
    }
}
