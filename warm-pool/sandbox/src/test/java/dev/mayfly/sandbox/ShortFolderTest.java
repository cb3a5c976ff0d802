package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ShortFolderTest {
    private static final String TAG = "test-" + ProcessHandle.current().pid();

    @AfterEach
    void remove() {
        ShortFolder.remove(TAG);
    }

    @Test
    void leavesRoomForTheNameOfASocketAndIsOursAlone() throws Exception {
        Path folder = ShortFolder.make(TAG);
        assertThat(folder.toString().length()).isLessThan(60);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(ShortFolder.make(TAG)).as("made by a predecessor").isEqualTo(folder);
    }

    @Test
    void refusesOneThatOthersMayLookInto() throws Exception {
        Path folder = ShortFolder.make(TAG);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> ShortFolder.make(TAG))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("mode 0700");
    }

    @Test
    void goesWithAllThatIsInItButNotWhereALinkLeads() throws Exception {
        Path folder = ShortFolder.make(TAG);
        Path elsewhere = Files.createTempDirectory("mayfly-elsewhere");
        Path kept = Files.createFile(elsewhere.resolve("kept"));
        Files.createSymbolicLink(Files.createDirectories(folder.resolve("fn")).resolve("link"), elsewhere);
        ShortFolder.remove(TAG);
        assertThat(folder).doesNotExist();
        assertThat(kept).exists();
        Files.delete(kept);
        Files.delete(elsewhere);
    }

    @Test
    void takesALinkInItsPlaceForNoFolder() throws Exception {
        Path folder = ShortFolder.make(TAG);
        Files.delete(folder);
        Path elsewhere = Files.createTempDirectory("mayfly-elsewhere");
        Files.createSymbolicLink(folder, elsewhere);
        assertThatThrownBy(() -> ShortFolder.make(TAG)).isInstanceOf(MayflyException.class);
        Files.delete(folder);
        Files.delete(elsewhere);
    }
}
