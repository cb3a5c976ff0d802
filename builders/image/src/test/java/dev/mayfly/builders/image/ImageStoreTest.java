package dev.mayfly.builders.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.MayflyException;
import dev.mayfly.model.ProcessSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageStoreTest {
    @TempDir
    Path temp;

    private ImageStore store;
    private volatile Duration later = Duration.ZERO;
    private final AtomicInteger made = new AtomicInteger();

    @BeforeEach
    void open() {
        store = new ImageStore(temp.resolve("images"), () -> Instant.now().plus(later));
    }

    /** Time passes, and what was made a moment ago is as old as that. */
    private void later() {
        later = later.plus(ImageStore.SETTLED_AFTER).plusMinutes(1);
    }

    @Test
    void theSameContentIsTheSameLayerWhereverAndWheneverItWasMade() throws IOException {
        Layer one = store.layerStore().take(tree("a"), "workspace", false, ample());
        Layer two = store.layerStore().take(tree("a"), "workspace", false, ample());
        Layer kept = store.layerStore().take(tree("a"), "workspace", true, ample());
        Layer other = store.layerStore().take(tree("b"), "workspace", false, ample());

        assertThat(two).isEqualTo(one);
        assertThat(kept).isEqualTo(one);
        assertThat(other.digest()).isNotEqualTo(one.digest());
        assertThat(Files.readString(one.directory().resolve("workspace/file"))).isEqualTo("a");
    }

    @Test
    void layersComeTopFirst() throws IOException {
        Layer base = store.layerStore().link(root("base"));
        Layer app = store.layerStore().take(tree("app"), "workspace", false, ample());
        String image = store.add(run(), List.of(base, app), Optional.empty());

        assertThat(store.roots(image))
                .containsExactly(app.directory().toRealPath(), base.directory().toRealPath());
        assertThat(store.labels(image)).containsEntry("dev.mayfly.app", "x");
    }

    @Test
    void anExportedLayoutHoldsWhatTheDigestsSay() throws IOException {
        String image = store.add(
                run(),
                List.of(
                        store.layerStore().link(root("base")),
                        store.layerStore().take(tree("app"), "workspace", false, ample())),
                Optional.empty());
        Path out = Files.createDirectory(temp.resolve("out"));
        store.exportTo(out, image);

        try (var blobs = Files.list(out.resolve("blobs/sha256"))) {
            for (Path blob : blobs.toList()) {
                assertThat(Sha256.of(Files.readAllBytes(blob))).isEqualTo("sha256:" + blob.getFileName());
            }
        }
        List<String> names = new ArrayList<>();
        Path top = out.resolve(
                "blobs/sha256/" + Sha256.hex(store.layerDigests(image).getLast()));
        try (TarFile tar = new TarFile(top)) {
            for (TarArchiveEntry entry : tar.getEntries()) {
                names.add(entry.getName());
                assertThat(entry.getLongUserId()).isEqualTo(LayerTar.BUILDER_UID);
                assertThat(entry.getMode() & 07000).isZero();
            }
        }
        assertThat(names).containsExactly("workspace/", "workspace/file", "workspace/link", "workspace/run");
    }

    @Test
    void linksAreKeptAndNeverFollowed() throws IOException {
        Path secret = Files.writeString(temp.resolve("secret"), "s");
        Path tree = tree("a");
        Files.createSymbolicLink(tree.resolve("out"), secret);
        Layer layer = store.layerStore().take(tree, "workspace", false, ample());

        assertThat(Files.readSymbolicLink(layer.directory().resolve("workspace/out")))
                .isEqualTo(secret);
        Trees.delete(layer.directory());
        assertThat(secret).exists();
    }

    @Test
    void buildsThatShareALayerDoNotMeetItHalfWritten() throws Exception {
        Path base = root("base");
        int builds = 4;
        try (ExecutorService threads = Executors.newFixedThreadPool(builds)) {
            for (int round = 0; round < 200; round++) {
                Path remembered = temp.resolve("base.layer-" + round);
                LayerStore layers = new LayerStore(temp.resolve("layers-" + round));
                CyclicBarrier together = new CyclicBarrier(builds);
                List<Callable<Layer>> all = Collections.nCopies(builds, () -> {
                    together.await();
                    Layer linked = layers.link(base, remembered);
                    assertThat(layers.link(base, remembered)).isEqualTo(linked);
                    return layers.get(linked.digest());
                });
                for (Future<Layer> each : threads.invokeAll(all)) {
                    assertThat(each.get().directory()).isSymbolicLink();
                }
                try (var files = Files.list(temp.resolve("layers-" + round))) {
                    assertThat(files).hasSize(2);
                }
            }
        }
    }

    @Test
    void whatACrashLeftHalfMadeGoes() throws IOException {
        Path half = Files.createDirectories(temp.resolve("images/layers/new-123/workspace"));
        Files.setLastModifiedTime(half.getParent(), FileTime.from(Instant.now().minusSeconds(10)));
        Path ofThisServer = Files.createDirectories(temp.resolve("images/layers/new-124"));

        later();
        store.retainOnly(Set.of(), Set.of());

        assertThat(half.getParent()).doesNotExist();
        assertThat(ofThisServer).exists();
    }

    @Test
    void whatNoImageNeedsGoesAndTheRestStays() throws IOException {
        Path base = root("base");
        Layer shared = store.layerStore().link(base);
        Layer old = store.layerStore().take(tree("old"), "workspace", false, ample());
        Layer live = store.layerStore().take(tree("live"), "workspace", false, ample());
        String oldImage = store.add(run(), List.of(shared, old), Optional.empty());
        String liveImage = store.add(run(), List.of(shared, live), Optional.empty());

        later();
        store.retainOnly(Set.of(liveImage), Set.of());

        assertThat(store.roots(liveImage)).hasSize(2);
        assertThat(old.directory()).doesNotExist();
        assertThat(base.resolve("workspace/file")).exists();
        assertThatThrownBy(() -> store.roots(oldImage)).isInstanceOf(MayflyException.class);
    }

    @Test
    void whatABuildUsesWhileOthersAreFreedStays() throws IOException {
        Layer old = store.layerStore().take(tree("old"), "workspace", false, ample());
        store.add(run(), List.of(old), Optional.empty());
        later();
        try (ImageStore.Hold _ = store.hold()) {
            Layer again = store.layerStore().take(tree("old"), "workspace", false, ample());
            later(); // It takes its time.
            assertThat(store.retainOnly(Set.of(), Set.of())).isZero();
            String image = store.add(run(), List.of(again), Optional.empty());
            assertThat(store.retainOnly(Set.of(), Set.of())).isZero();
            assertThat(store.roots(image)).containsExactly(old.directory().toRealPath());
        }
        later();
        assertThat(store.retainOnly(Set.of(), Set.of())).isEqualTo(1);
    }

    /** An overlay that a runtime has left mounted shows what was freed as empty: nobody may take it for what came back. */
    @Test
    void whatComesBackLiesUnderAnotherPath() throws IOException {
        Layer old = store.layerStore().take(tree("old"), "workspace", false, ample());
        Path before = old.directory().toRealPath();
        for (int round = 0; round < 3; round++) {
            later();
            assertThat(store.retainOnly(Set.of(), Set.of())).isEqualTo(1);
            assertThat(before).doesNotExist();
            Layer again = store.layerStore().take(tree("old"), "workspace", false, ample());
            assertThat(again.digest()).isEqualTo(old.digest());
            Path now = store.roots(store.add(run(), List.of(again), Optional.empty()))
                    .getFirst();
            assertThat(now).isNotEqualTo(before);
            assertThat(now.resolve("workspace/file")).hasContent("old");
            before = now;
        }
        later();
        store.retainOnly(Set.of(), Set.of());
        try (var left = Files.list(temp.resolve("images/layers"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void layersAreFreedBesideManyBuildsThatTakeThem() throws Exception {
        int builds = 4;
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(builds)) {
            List<Future<Void>> all = new ArrayList<>();
            for (int build = 0; build < builds; build++) {
                all.add(threads.submit(() -> {
                    while (!over.get()) {
                        try (ImageStore.Hold _ = store.hold()) {
                            Layer layer = store.layerStore().take(tree("same"), "workspace", false, ample());
                            String image = store.add(run(), List.of(layer), Optional.empty());
                            assertThat(store.roots(image).getFirst().resolve("workspace/file"))
                                    .hasContent("same");
                        }
                    }
                    return null;
                }));
            }
            int freed = 0;
            try {
                for (int round = 0; round < 2_000 && freed < 20; round++) {
                    later();
                    freed += store.retainOnly(Set.of(), Set.of());
                }
            } finally {
                over.set(true);
            }
            for (Future<Void> each : all) {
                each.get(20, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void thePartThatIsNoTenantsIsReadBack() throws IOException {
        Layer base = store.layerStore().link(root("base"));
        Layer shim = store.layerStore().take(tree("shim"), "layers/x/shim", false, ample());
        Layer app = store.layerStore().take(tree("app"), "workspace", false, ample());
        Layer other = store.layerStore().take(tree("other"), "workspace", false, ample());
        ProcessSpec process = new ProcessSpec(List.of("python3", "-x", "ä\"\\"), Map.of("PATH", "/bin"), "/workspace");
        GenericPart part = new GenericPart(List.of(base.digest(), shim.digest()), process);

        String one = store.add(run(), List.of(base, shim, app), Optional.of(part));
        String two = store.add(run(), List.of(base, shim, other), Optional.of(part));

        assertThat(store.generic(one)).contains(part);
        assertThat(new ImageStore(temp.resolve("images")).generic(one)).contains(part);
        assertThat(store.generic(two)).map(GenericPart::key).contains(part.key());
        assertThat(store.directories(part.layers()))
                .containsExactly(shim.directory().toRealPath(), base.directory().toRealPath());
        assertThat(new GenericPart(List.of(base.digest()), process).key()).isNotEqualTo(part.key());
        assertThat(store.generic(store.add(run(), List.of(base, app), Optional.empty())))
                .isEmpty();
    }

    /** An image's labels are what its build said, and so are those of images that an older server left. */
    @Test
    void noLabelMakesAGenericPart() throws IOException {
        Layer base = store.layerStore().link(root("base"));
        GenericPart part = new GenericPart(
                List.of(base.digest()),
                new ProcessSpec(List.of("python3"), Map.of("PATH", "/proc/1/root"), "/workspace"));
        String image = store.add(run(Map.of("dev.mayfly.generic", part.toText())), List.of(base), Optional.empty());
        assertThat(store.generic(image)).isEmpty();
    }

    @Test
    void aGenericPartGoesWithItsImage() throws IOException {
        Layer base = store.layerStore().link(root("base"));
        GenericPart part =
                new GenericPart(List.of(base.digest()), new ProcessSpec(List.of("x"), Map.of(), "/workspace"));
        String image = store.add(run(), List.of(base), Optional.of(part));
        later();
        store.retainOnly(Set.of(), Set.of());
        assertThat(store.generic(image)).isEmpty();
        assertThat(temp.resolve("images/generic")).isEmptyDirectory();
    }

    private Path tree(String content) throws IOException {
        Path app = Files.createDirectory(temp.resolve("tree-" + made.incrementAndGet()));
        Files.writeString(app.resolve("file"), content);
        Files.writeString(app.resolve("run"), "#!/bin/sh\n");
        Files.setAttribute(app.resolve("run"), "unix:mode", 04700);
        Files.createSymbolicLink(app.resolve("link"), Path.of("file"));
        return app;
    }

    private Path root(String content) throws IOException {
        Path root = Files.createDirectory(temp.resolve("root-" + made.incrementAndGet()));
        Files.move(tree(content), root.resolve("workspace"));
        return root;
    }

    private static ImageRun run() {
        return run(Map.of("dev.mayfly.app", "x"));
    }

    private static ImageRun run(Map<String, String> labels) {
        return new ImageRun(List.of("/bin/true"), Map.of("A", "b"), "/workspace", labels);
    }

    @Test
    void filesThatAreNotWholeAreNotLeftBehind() throws IOException {
        Path blobs = temp.resolve("images/oci/blobs");
        Layer base = store.layerStore().link(root("base"));
        String image = store.add(run(), List.of(base), Optional.empty());
        // What a full disk does when the file of the generic part is to be written.
        Files.createDirectories(temp.resolve("images/generic/" + Sha256.hex(image) + "/in-the-way"));
        GenericPart part =
                new GenericPart(List.of(base.digest()), new ProcessSpec(List.of("x"), Map.of(), "/workspace"));
        assertThatThrownBy(() -> store.add(run(), List.of(base), Optional.of(part)))
                .isInstanceOf(IOException.class);
        assertThat(names(blobs)).containsExactly("sha256");

        Files.createFile(blobs.resolve("part123"));
        new ImageStore(temp.resolve("images"));
        assertThat(names(blobs)).containsExactly("sha256");
    }

    /** Nobody can tell any more whether its old path is still mounted somewhere. */
    @Test
    void whatComesBackIsLaidElsewhereAlsoWhenTooManyWereDeletedToRememberThem() throws IOException {
        LayerStore layers = new LayerStore(temp.resolve("few"), Instant::now, 1);
        List<Path> before = new ArrayList<>();
        for (String each : List.of("one", "two", "three")) {
            before.add(layers.take(tree(each), "workspace", false, ample())
                    .directory()
                    .toRealPath());
        }
        assertThat(layers.retainOnly(Set.of(), Instant.MAX)).isEqualTo(3);
        for (String each : List.of("one", "two", "three")) {
            Layer again = layers.take(tree(each), "workspace", false, ample());
            assertThat(again.directory().toRealPath()).isNotIn(before);
            assertThat(again.directory().resolve("workspace")).isDirectory();
        }
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(each -> each.getFileName().toString()).toList();
        }
    }

    private static LayerAllowance ample() {
        return new LayerAllowance(16L << 30, 1_000_000);
    }
}
