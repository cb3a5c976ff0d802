package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.control.deploy.Deployer;
import dev.mayfly.model.AppRef;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Store;
import dev.mayfly.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildLogsTest {
    private static final AppRef APP = AppRef.of("local", "shop");

    @TempDir
    Path data;

    /** Another server has deleted their builds, or this one has and was killed right after. */
    @Test
    void logsOfBuildsThatAreInTheBooksNoMoreGoThoughOneCannot() throws IOException {
        Path folder = data.resolve("builds");
        try (Store store = Store.open(StoreConfig.from(ConfigReader.of(Map.of()), data), Clock.systemUTC())) {
            assertThat(BuildLogs.deleteForgotten(folder, store.builds())).isZero();
            store.tenants().create(APP.tenant());
            store.apps().create(APP);
            Files.createDirectories(folder.resolve("bld_stuck.log/not-a-file"));
            Files.createFile(folder.resolve("of-somebody-else.log"));
            for (int build = 1; build <= 600; build++) {
                Files.createFile(Deployer.logOf(folder, "bld_gone" + build));
            }
            for (int build = 1; build <= 3; build++) {
                String id = "bld_" + build;
                Instant at = Instant.EPOCH.plusSeconds(build);
                store.builds().create(id, APP, "c", "t", "dev", "another", at);
                store.builds().end(APP, id, Builds.State.FAILED, Map.of(), Optional.empty(), Optional.empty(), at);
                Files.createFile(Deployer.logOf(folder, id));
            }
            assertThat(store.builds().deleteBeyond(2)).isEqualTo(1);
            assertThat(BuildLogs.deleteForgotten(folder, store.builds())).isEqualTo(601);
            try (var left = Files.list(folder)) {
                assertThat(left.map(each -> each.getFileName().toString()))
                        .containsExactlyInAnyOrder("bld_2.log", "bld_3.log", "bld_stuck.log", "of-somebody-else.log");
            }
        }
    }
}
