package dev.mayfly.builders.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tenant's build may leave behind to harm the host or others: taken as it should be, or refused in clear words. */
final class HostileTreesTest {
    @TempDir(cleanup = CleanupMode.NEVER)
    static Path temp;

    private Path folder;
    private Path tree;
    private Path outside;
    private LayerStore store;

    interface Plant {
        void into(Path tree) throws Exception;
    }

    @BeforeEach
    void open() throws IOException {
        folder = Files.createTempDirectory(temp, "t");
        tree = Files.createDirectory(folder.resolve("tree"));
        outside = Files.writeString(folder.resolve("outside"), "canary");
        store = new LayerStore(folder.resolve("store"));
    }

    @AfterEach
    void nothingOutsideWasTouched() throws IOException {
        assertThat(outside).hasContent("canary");
        Trees.delete(folder);
        assertThat(folder).doesNotExist();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments("a device", "'null' is a device", plant(tree -> run(tree, "mknod", "null", "c", "0", "0"))),
                arguments("a whiteout", "'a/.wh.b' has a name", plant(tree -> {
                    Files.createDirectory(tree.resolve("a"));
                    Files.createFile(tree.resolve("a/.wh.b"));
                })),
                arguments(
                        "an opaque directory",
                        "'.wh..wh..opq' has a name",
                        plant(tree -> Files.createFile(tree.resolve(".wh..wh..opq")))),
                arguments(
                        "a name that is not UTF-8",
                        "is not UTF-8",
                        plant(tree -> run(tree, "perl", "-e", "open(F, '>', \"a\\xff\") or die"))),
                arguments("too many levels", "lies too deep", plant(tree -> deep(tree, 129, "d"))),
                arguments("levels beyond any path", "lies too deep", plant(tree -> deep(tree, 1_000, "directory"))),
                arguments("a path of long names", "lies too deep", plant(tree -> deep(tree, 12, "n".repeat(200)))),
                arguments(
                        "a directory of too many files",
                        "is one too many (expected: at most 100000 in one directory)",
                        plant(tree -> python(tree, "for i in range(100001): open(str(i), 'w').close()"))),
                arguments(
                        "names that are too long together",
                        "at most 16777216 characters of names",
                        plant(tree -> python(tree, """
                                import os
                                for d in range(6):
                                    os.mkdir(str(d))
                                    for i in range(12000): open(f"{d}/{i:0>250}", "w").close()
                                """))),
                arguments(
                        "too many files with several names",
                        "at most 50000 such files",
                        plant(tree -> python(tree, """
                                import os
                                os.mkdir("a"); os.mkdir("b")
                                for i in range(50001):
                                    open(f"a/{i}", "w").close(); os.link(f"a/{i}", f"b/{i}")
                                """))),
                arguments("a huge sparse file", "'huge' has 1099511627776 bytes", plant(tree -> {
                    try (RandomAccessFile file =
                            new RandomAccessFile(tree.resolve("huge").toFile(), "rw")) {
                        file.setLength(1L << 40);
                    }
                })),
                arguments("many sparse files", "so that there are more than 17179869184", plant(tree -> {
                    for (int i = 0; i < 9; i++) {
                        try (RandomAccessFile file =
                                new RandomAccessFile(tree.resolve("f" + i).toFile(), "rw")) {
                            file.setLength(2L << 30);
                        }
                    }
                })),
                arguments("a link in the place of the directory", "is not a directory any more", plant(tree -> {
                    Files.delete(tree);
                    Files.createSymbolicLink(tree, tree.resolveSibling("store"));
                })));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refused(String what, String why, Plant plant) throws Exception {
        plant.into(tree);
        assertThatThrownBy(() -> store.take(tree, "workspace", false, ample()))
                .as(what)
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining(why);
        assertThat(store.retainOnly(Set.of(), Instant.MAX))
                .as("layers that were made")
                .isZero();
    }

    /** One sparse file costs its build nothing and the host as much as it is long. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void layersThatAreShortEnoughEachAreTooLongTogether(boolean keep) throws IOException {
        LayerAllowance allowance = new LayerAllowance(8 << 20, 100);
        for (int i = 0; i < 4; i++) {
            Path layer = Files.createDirectory(folder.resolve("layer" + i));
            try (RandomAccessFile file = new RandomAccessFile(layer.resolve("f").toFile(), "rw")) {
                file.setLength(i == 3 ? (2 << 20) + 1 : (2 << 20) + i - 1);
            }
        }
        for (int i = 0; i < 3; i++) {
            store.take(folder.resolve("layer" + i), "workspace", keep, allowance);
        }
        assertThatThrownBy(() -> store.take(folder.resolve("layer3"), "workspace", keep, allowance))
                .isInstanceOfSatisfying(
                        MayflyException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.BUILD_FAILED))
                .hasMessageContaining("more than 8388608")
                .hasMessageContaining("build.disk-mib");
    }

    @Test
    void layersOfFewFilesEachHaveTooManyTogether() throws IOException {
        LayerAllowance allowance = new LayerAllowance(8 << 20, 5);
        Files.createFile(tree.resolve("a"));
        Files.createFile(Files.createDirectory(tree.resolve("b")).resolve("c"));
        store.take(tree, "workspace", true, allowance);
        assertThatThrownBy(() -> store.take(tree, "workspace", true, allowance))
                .isInstanceOf(MayflyException.class)
                .hasMessageContaining("at most 5 files and directories in all layers; build.files-max");
    }

    /** As when the disk runs full: the build is interrupted, and what it was about to write must not be written. */
    @Test
    void aCopyEndsWhenItsThreadIsInterrupted() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(tree.resolve("f").toFile(), "rw")) {
            file.setLength(64 << 20);
        }
        for (Path what : List.of(tree, tree.resolve("f"))) {
            Path copy = folder.resolve("copy");
            Thread.currentThread().interrupt();
            try {
                assertThatThrownBy(() -> {
                            if (what.equals(tree)) {
                                Trees.copy(what, copy);
                            } else {
                                Trees.copyFile(what, copy);
                            }
                        })
                        .isInstanceOf(IOException.class);
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(Files.notExists(copy) ? 0 : Files.size(copy)).isZero();
            Trees.delete(copy);
        }
    }

    /** While it is put in its place; the same holds for a disk that is full. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLayerThatFailsLeavesNothingBehind(boolean keep) throws IOException {
        LayerStore failing = new LayerStore(folder.resolve("failing"), () -> {
            throw new UncheckedIOException(new IOException("No space left on device"));
        });
        Files.writeString(tree.resolve("f"), "x");
        assertThatThrownBy(() -> failing.take(tree, "workspace", keep, ample())).hasMessageContaining("No space left");
        try (Stream<Path> left = Files.list(folder.resolve("failing"))) {
            assertThat(left).filteredOn(Files::isDirectory).isEmpty();
        }
    }

    @Test
    void linksAreKeptAsLinksAndNeverFollowed() throws IOException {
        Files.createSymbolicLink(tree.resolve("absolute"), Path.of("/etc/passwd"));
        Files.createSymbolicLink(tree.resolve("relative"), Path.of("../outside"));
        Files.createSymbolicLink(tree.resolve("folder"), folder);
        Files.createSymbolicLink(tree.resolve("loop"), Path.of("loop"));
        Layer layer = store.take(tree, "workspace", false, ample());
        assertThat(entries(layer))
                .filteredOn(TarArchiveEntry::isSymbolicLink)
                .extracting(entry -> entry.getName() + " " + entry.getLinkName())
                .containsExactly(
                        "workspace/absolute /etc/passwd",
                        "workspace/folder " + folder,
                        "workspace/loop loop",
                        "workspace/relative ../outside");
        assertThat(entries(layer)).as("nothing behind them").hasSize(5);
    }

    @Test
    void socketsAndPipesAreGoneAndSetuidIsTakenAway() throws Exception {
        run(tree, "mkfifo", "pipe");
        Path listening = Path.of("/tmp").resolve("s" + System.nanoTime());
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(listening));
            Files.move(listening, tree.resolve("socket"));
        }
        Path program = Files.writeString(tree.resolve("program"), "x");
        Files.setAttribute(program, "unix:mode", 06755);
        Layer layer = store.take(tree, "workspace", false, ample());
        try (Stream<Path> left = Files.list(layer.directory().resolve("workspace"))) {
            assertThat(left).extracting(each -> each.getFileName().toString()).containsExactly("program");
        }
        assertThat(LayerTar.number(layer.directory().resolve("workspace/program"), "unix:mode") & 07777)
                .isEqualTo(0755);
        assertThat(entries(layer)).extracting(TarArchiveEntry::getMode).allMatch(mode -> (mode & 07000) == 0);
    }

    /** As by a build that links a file of its layer into what is kept for the next build, which may write to it. */
    @Test
    void whoHoldsAnotherNameOfAFileCannotWriteIntoALayer() throws IOException {
        Files.writeString(tree.resolve("file"), "released");
        Files.createLink(folder.resolve("kept"), tree.resolve("file"));
        Files.writeString(tree.resolve("one"), "within");
        Files.createLink(tree.resolve("two"), tree.resolve("one"));
        Object within = Files.getAttribute(tree.resolve("one"), "unix:ino");
        Layer layer = store.take(tree, "workspace", false, ample());
        Files.writeString(folder.resolve("kept"), "changed!");
        Path taken = layer.directory().resolve("workspace");
        assertThat(taken.resolve("file")).hasContent("released");
        assertThat(Files.getAttribute(taken.resolve("two"), "unix:ino")).isEqualTo(within);
        try (Sha256.Sink sink = new Sha256.Sink()) {
            store.writeTar(layer, sink);
            assertThat(sink.digest()).isEqualTo(layer.digest());
        }
    }

    @Test
    void oddNamesAreKept() throws IOException {
        List<String> names = List.of("a\nb", "..a", "-rf", "\u001b[31m", "\u00fc\u202e", " ", "a".repeat(255));
        for (String name : names) {
            Files.writeString(tree.resolve(name), name);
        }
        Layer layer = store.take(tree, "workspace", false, ample());
        for (String name : names) {
            assertThat(layer.directory().resolve("workspace").resolve(name)).hasContent(name);
        }
        assertThat(entries(layer))
                .extracting(TarArchiveEntry::getName)
                .containsAll(names.stream().map(name -> "workspace/" + name).toList());
    }

    @Test
    void aWideDirectoryIsTaken() throws Exception {
        String many = "for my $i (1..$ARGV[0]) { open(F, '>', \"f$i\") or die }";
        run(tree, "perl", "-e", many, "5000");
        Layer layer = store.take(tree, "workspace", false, ample());
        assertThat(entries(layer)).hasSize(5_001);
    }

    @Test
    void whatIsWrittenWhileItIsReadIsRefused() throws IOException {
        Path file = Files.write(tree.resolve("file"), new byte[256 * 1024]);
        for (boolean grows : new boolean[] {true, false}) {
            OutputStream meddling = new OutputStream() {
                private static final int HEADS_BYTES_MAX = 4_096; // Of the directory and the file.
                private int written;
                private boolean done;

                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    written += length;
                    if (!done && written > HEADS_BYTES_MAX) {
                        done = true;
                        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
                            open.setLength(grows ? 1024 * 1024 : 70 * 1024);
                        }
                    }
                }
            };
            assertThatThrownBy(() -> LayerTar.write(tree, "workspace", LayerTar.Owners.BUILDER, meddling))
                    .as("grows: %s", grows)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("changed while it was read");
        }
    }

    @Test
    void aTreeOfAnyDepthIsDeletedAndWhatItsLinksLeadToIsNot() throws Exception {
        deep(tree, 1_000, "directory");
        Files.createSymbolicLink(tree.resolve("link"), outside);
        Files.createSymbolicLink(tree.resolve("lifted-0"), folder.resolve("store"));
        Trees.delete(tree);
        assertThat(Files.exists(tree, LinkOption.NOFOLLOW_LINKS)).isFalse();
        assertThat(folder.resolve("store")).exists();
    }

    private static Plant plant(Plant plant) {
        return plant;
    }

    /** By relative paths, as there is none to the deepest. */
    private static void deep(Path tree, int levels, String name) throws Exception {
        run(
                tree,
                "perl",
                "-e",
                "for (1..$ARGV[0]) { mkdir $ARGV[1] or die; chdir $ARGV[1] or die } open(F, '>', 'file') or die",
                String.valueOf(levels),
                name);
    }

    private static void python(Path tree, String program) throws Exception {
        run(tree, "python3", "-I", "-c", program);
    }

    private static void run(Path directory, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
    }

    private List<TarArchiveEntry> entries(Layer layer) throws IOException {
        Path tar = folder.resolve("layer.tar");
        try (OutputStream out = Files.newOutputStream(tar)) {
            store.writeTar(layer, out);
        }
        try (TarFile file = new TarFile(tar)) {
            return file.getEntries();
        }
    }

    private static LayerAllowance ample() {
        return new LayerAllowance(16L << 30, 1_000_000);
    }
}
