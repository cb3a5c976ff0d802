package dev.mayfly.builders.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a tenant's code puts in place of a file or of a folder on its way, the server reads nothing outside of the tree. */
final class ForeignTreeTest {
    private static final int MAX = 1024;

    @TempDir
    Path temp;

    private Path root;
    private ForeignTree tree;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectory(temp.resolve("tree"));
        Files.createDirectories(temp.resolve("host/folder"));
        Files.writeString(temp.resolve("host/secret"), "secret");
        Files.writeString(temp.resolve("host/folder/secret"), "secret");
        tree = ForeignTree.open(root);
    }

    @AfterEach
    void close() {
        tree.close();
    }

    @Test
    void filesAndNamesAreRead() throws IOException {
        Files.createDirectories(root.resolve("a/b"));
        Files.writeString(root.resolve("a/b/file"), "it");
        Files.writeString(root.resolve("a/other"), "");
        assertThat(tree.text("a/b/file", MAX)).contains("it");
        assertThat(tree.text("a/other", MAX)).contains("");
        assertThat(tree.names("a", 2)).containsExactly("b", "other");
        assertThat(tree.names(".", 1)).containsExactly("a");
        assertThat(tree.isDirectory("a/b")).isTrue();
        assertThat(tree.isDirectory("a/b/file")).isFalse();
        assertThat(tree.text("a", MAX)).isEmpty();
        assertThat(tree.text("nothing/here", MAX)).isEmpty();
    }

    @Test
    void aFileThatIsALinkIsNotRead() throws IOException {
        Files.createSymbolicLink(root.resolve("file"), temp.resolve("host/secret"));
        assertThat(tree.text("file", MAX)).isEmpty();
    }

    @Test
    void aFolderThatBecameALinkIsNotEntered() throws IOException {
        Files.createDirectory(root.resolve("out"));
        Files.delete(root.resolve("out"));
        Files.createSymbolicLink(root.resolve("out"), temp.resolve("host"));
        assertThat(tree.text("out/secret", MAX)).isEmpty();
        assertThat(tree.text("out/folder/secret", MAX)).isEmpty();
        assertThat(tree.names("out", MAX)).isEmpty();
        assertThat(tree.isDirectory("out")).isFalse();
        assertThat(tree.isDirectory("out/folder")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"../host/secret", "/etc/hostname", "a/../../host/secret", "/proc/self/root/etc/hostname", "a\0b"
            })
    void noPathLeadsOut(String path) throws IOException {
        Files.createDirectory(root.resolve("a"));
        assertThat(tree.text(path, MAX)).isEmpty();
    }

    @Test
    void aPipeHoldsNobody() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", root.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(10), () -> assertThat(tree.text("pipe", MAX)).isEmpty());
        assertThat(tree.names("pipe", MAX)).isEmpty();
    }

    @Test
    void aDirectoryThatIsALinkIsNotOpened() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("link"), temp.resolve("host"));
        assertThatThrownBy(() -> ForeignTree.open(link)).isInstanceOf(IOException.class);
    }

    @Test
    void whatTakesTheTreesPlaceIsNotRead() throws IOException {
        Files.writeString(root.resolve("secret"), "own");
        Files.move(root, temp.resolve("moved"));
        Files.createSymbolicLink(root, temp.resolve("host"));
        assertThat(tree.text("secret", MAX)).contains("own");
    }

    @Test
    void sizesHaveLimits() throws IOException {
        Files.write(root.resolve("full"), "x".repeat(MAX).getBytes(StandardCharsets.UTF_8));
        Files.write(root.resolve("over"), new byte[MAX + 1]);
        assertThat(tree.text("full", MAX)).get().asString().hasSize(MAX);
        assertThatThrownBy(() -> tree.text("over", MAX))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("over: more than 1024 bytes");
        assertThatThrownBy(() -> tree.names(".", 1))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("more than 1 entries");
    }

    /** A build that still ran could change a folder into a link and back all the time. */
    @Test
    void aFolderThatIsSwappedWithALinkAllTheTimeNeverLeadsOut() throws Exception {
        Files.createDirectory(root.resolve("out"));
        Files.writeString(root.resolve("out/secret"), "own");
        Files.createSymbolicLink(root.resolve("link"), temp.resolve("host"));
        Process swaps = new ProcessBuilder("python3", "-I", "-c", """
                import os, sys
                os.chdir(sys.argv[1])
                print("on", flush=True)
                while True:
                    os.rename("out", "aside"); os.rename("link", "out")
                    os.rename("out", "link"); os.rename("aside", "out")
                """, root.toString()).start();
        try {
            assertThat(swaps.inputReader().readLine()).isEqualTo("on");
            for (int i = 0; i < 20_000; i++) {
                assertThat(tree.text("out/secret", MAX).orElse("own")).isEqualTo("own");
            }
        } finally {
            swaps.destroyForcibly().waitFor();
        }
    }
}
