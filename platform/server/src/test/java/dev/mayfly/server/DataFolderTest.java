package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tenant or a server has written is nobody else's on the machine to read, in folders of older versions, too. */
final class DataFolderTest {
    @TempDir
    Path outside;

    @Test
    void aNewFolderIsTheServersAlone() throws IOException {
        Path data = outside.resolve("new/data");
        DataFolder.close(data);
        assertThat(mode(data)).isEqualTo("rwx------");
        for (String each : new String[] {"db", "secrets", "git", "logs", "builds"}) {
            assertThat(mode(data.resolve(each))).as(each).isEqualTo("rwx------");
        }
        assertThat(mode(DataFolder.file(data.resolve("server.json")))).isEqualTo("rw-------");
    }

    @Test
    void whatAnOlderServerLeftOpenIsClosed() throws IOException {
        Path data = folder(outside.resolve("data"), "rwxr-xr-x");
        for (String file : new String[] {
            "db/mayfly.mv.db",
            "git/local/app.git/config",
            "logs/local/app/app.log",
            "builds/bld_1.log",
            "server.log",
            "lock"
        }) {
            file(data.resolve(file), "rw-r--r--");
        }
        file(data.resolve("git/local/app.git/hooks/update"), "rwxr-xr-x");
        file(data.resolve("git/local/app.git/objects/aa/bb"), "r--r--r--");
        DataFolder.close(data);
        assertThat(mode(data)).isEqualTo("rwx------");
        try (var all = Files.walk(data)) {
            assertThat(all)
                    .allSatisfy(each -> assertThat(mode(each)).as("%s", each).endsWith("------"));
        }
        assertThat(mode(data.resolve("db/mayfly.mv.db"))).isEqualTo("rw-------");
        assertThat(mode(data.resolve("git/local/app.git/hooks/update"))).isEqualTo("rwx------");
        assertThat(mode(data.resolve("git/local/app.git/objects/aa/bb"))).isEqualTo("r--------");
    }

    @Test
    void whatSandboxesAreMadeOfKeepsItsModesInside() throws IOException {
        Path data = folder(outside.resolve("data"), "rwxr-xr-x");
        Path program = file(data.resolve("images/layers/one/bin/app"), "rwxr-xr-x");
        folder(data.resolve("images"), "rwxr-xr-x");
        DataFolder.close(data);
        assertThat(mode(data.resolve("images"))).isEqualTo("rwx------");
        assertThat(mode(data.resolve("images/layers/one/bin"))).isEqualTo("rwxr-xr-x");
        assertThat(mode(program)).isEqualTo("rwxr-xr-x");
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        Path theirs = file(outside.resolve("theirs/file"), "rw-r--r--");
        folder(outside.resolve("theirs"), "rwxr-xr-x");
        Path data = folder(outside.resolve("data"), "rwxr-xr-x");
        Files.createSymbolicLink(Files.createDirectories(data.resolve("logs")).resolve("link"), theirs);
        Files.createSymbolicLink(data.resolve("logs/folder"), outside.resolve("theirs"));
        Files.createSymbolicLink(data.resolve("images"), outside.resolve("theirs"));
        Files.createSymbolicLink(data.resolve("server.log"), theirs);
        DataFolder.close(data);
        assertThat(mode(theirs)).isEqualTo("rw-r--r--");
        assertThat(mode(outside.resolve("theirs"))).isEqualTo("rwxr-xr-x");
    }

    private static Path folder(Path folder, String mode) throws IOException {
        Files.createDirectories(folder);
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(mode));
    }

    private static Path file(Path file, String mode) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.createFile(file);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private static String mode(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
