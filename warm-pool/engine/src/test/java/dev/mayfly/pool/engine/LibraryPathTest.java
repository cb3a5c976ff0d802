package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryPathTest {
    @TempDir
    Path layer;

    private LibraryPath path;

    @BeforeEach
    void lay() throws IOException {
        Files.createDirectories(layer.resolve("venv/lib/python3.13"));
        Files.createDirectories(layer.resolve("own/lib"));
        Files.createFile(layer.resolve("own/lib/libown.so.1"));
        Files.createDirectories(layer.resolve("caps/glibc-hwcaps"));
        Files.createSymbolicLink(layer.resolve("link"), Path.of("venv"));
        Files.createFile(layer.resolve("file"));
        path = new LibraryPath(List.of(layer));
    }

    @ParameterizedTest
    @CsvSource({"/venv/lib", "/nowhere", "/nowhere/lib:/venv/lib", "''"})
    void foldersWithoutLibrariesMakeNoDifference(String value) {
        assertThat(path.same(null, value)).isTrue();
        assertThat(path.same(value, null)).isTrue();
        assertThat(path.same("/own/lib:" + value, "/own/lib")).isEqualTo(!value.isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"/own/lib", "/venv/lib:/own/lib", "/caps", "/link/lib", "/venv/../own/lib", "lib", "/venv/lib:", "/file"
    })
    void whatMayHoldLibrariesMakesOne(String value) {
        assertThat(path.same(null, value)).isFalse();
        assertThat(path.same(value, value)).isTrue();
    }

    @Test
    void theirOrderCounts() throws IOException {
        Files.createDirectories(layer.resolve("more"));
        Files.createFile(layer.resolve("more/libmore.so"));
        assertThat(path.same("/own/lib:/more", "/more:/own/lib")).isFalse();
    }
}
