package dev.mayfly.builders.toolchains.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostToolchainsTest {
    @TempDir
    Path folder;

    /** Apps name versions: a tenant that names one after the other does not fill the disk. */
    @Test
    void versionsThatAppsNameHaveALimitAndThoseThatAreHereStay() throws Exception {
        HostToolchains toolchains = new HostToolchains(folder, List.of(new AnyVersion()));
        for (int i = 0; i < HostToolchains.VERSIONS_MAX; i++) {
            resolve(toolchains, "1." + i);
            Files.writeString(folder.resolve("tool-1." + i + ".layer"), "");
        }
        assertThatThrownBy(() -> resolve(toolchains, "2.0"))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BUILD_VERSION_UNAVAILABLE))
                .hasMessageContaining("tool: this server keeps at most 24 versions (here: 1.0, 1.1");
        assertThat(folder.resolve("tool-2.0")).doesNotExist();
        resolve(toolchains, "1.7");
        resolve(toolchains, AnyVersion.NEWEST);
    }

    private static void resolve(HostToolchains toolchains, String version) throws InterruptedException {
        assertThat(toolchains.resolve("tool", Optional.of(version), _ -> {}).root())
                .isDirectory();
    }

    /** Has whatever version it is asked for. */
    private static final class AnyVersion implements Source {
        static final String NEWEST = "9.9";

        @Override
        public String name() {
            return "tool";
        }

        @Override
        public Optional<String> choose(Optional<String> range) {
            return range;
        }

        @Override
        public List<String> available() {
            return List.of(NEWEST);
        }

        @Override
        public void fetch(String version, Place place) throws IOException {
            Files.createFile(place.directory().resolve("program"));
        }
    }
}
