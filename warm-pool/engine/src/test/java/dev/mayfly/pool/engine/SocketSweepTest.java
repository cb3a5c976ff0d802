package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SocketSweepTest {
    @TempDir
    Path folder;

    @Test
    void socketsOfNoInstanceThatLivesAreRemovedAndNoOthers() throws Exception {
        SocketFolders sockets = new SocketFolders(folder.resolve("fn"), Set.of());
        for (String id : List.of("living", "dead", "young")) {
            sockets.plain(id);
        }
        Files.createFile(sockets.socket("left"));
        FileTime old = FileTime.from(Instant.now().minus(Duration.ofMinutes(5)));
        for (String id : List.of("living", "dead", "left")) {
            Files.setLastModifiedTime(sockets.path(id), old);
        }
        assertThat(sockets.sweep(Set.of("living"))).isEqualTo(2);
        assertThat(folder.resolve("fn")).isDirectoryNotContaining("glob:**{dead,left}");
        assertThat(sockets.path("living")).exists();
        assertThat(sockets.path("young")).exists();
        assertThat(sockets.sweep(Set.of("living"))).isZero();
    }
}
