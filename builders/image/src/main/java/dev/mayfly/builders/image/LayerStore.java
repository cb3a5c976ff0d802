package dev.mayfly.builders.image;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * The layers of this machine's images, unpacked, one directory each, named by the digest of its tar. What many images share
 * from elsewhere (base images, toolchains) is linked in and not copied. Safe from many threads.
 */
public final class LayerStore {
    /** How names of what is not whole yet begin. */
    private static final String UNFINISHED = "new-";

    /** Between a digest and a random number, in the name of a directory that the digest's own name is a link to. */
    private static final String AGAIN = "-again-";

    /** Trees that are read at once; others wait. What each may hold of the memory is in {@link TreeCheck}. */
    private static final int READING_MAX = 2;

    /** What reading trees holds of the server's memory at most, in bytes, however many builds there are. */
    public static final long HEAP_BYTES_MAX = READING_MAX * TreeCheck.HEAP_BYTES_MAX;

    /** Digests, some 200 bytes each. */
    private static final int DELETED_MAX = 10_000;

    private final Path folder;
    private final Semaphore reading = new Semaphore(READING_MAX, true);
    private final InstantSource clock;

    /**
     * What was deleted since this server started. Its paths may still be mounted somewhere, empty: what comes back is laid
     * under another one, so that nobody takes the old mount for it. Once it is full, so is whatever comes.
     */
    private final Set<String> deleted = new HashSet<>();

    private final int deletedMax;

    /** What is not whole yet and older than this is of a server before this one. The kernel's clock may be a tick behind. */
    private final Instant opened = Instant.now().minusSeconds(1);

    /** @param folder is made if missing */
    public LayerStore(Path folder) {
        this(folder, InstantSource.system());
    }

    LayerStore(Path folder, InstantSource clock) {
        this(folder, clock, DELETED_MAX);
    }

    LayerStore(Path folder, InstantSource clock, int deletedMax) {
        this.deletedMax = deletedMax;
        this.folder = folder;
        this.clock = clock;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes what a build has left in a directory a layer. If the same content is here already, that stays.
     *
     * @param inside where the directory lies in the image, for example {@code workspace}
     * @param keep whether the directory is needed afterwards; else it is gone
     * @param allowance of the build, of which this layer takes its part
     * @throws MayflyException {@code BUILD_FAILED} if it has something that a layer cannot hold, or too much
     * @throws IOException soon after the thread is interrupted, too
     */
    public Layer take(Path directory, String inside, boolean keep, LayerAllowance allowance) throws IOException {
        try {
            reading.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("cancelled while others' layers were read");
        }
        try {
            return read(directory, inside, keep, allowance);
        } finally {
            reading.release();
        }
    }

    private Layer read(Path directory, String inside, boolean keep, LayerAllowance allowance) throws IOException {
        TreeCheck.run(directory, allowance, !keep);
        Trees.share(directory);
        Layer layer = describe(directory, inside, LayerTar.Owners.BUILDER);
        if (isHere(layer)) {
            if (!keep) {
                Trees.delete(directory);
            }
            return layer;
        }
        Path root = Files.createTempDirectory(folder, UNFINISHED);
        try {
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path place = root.resolve(inside);
            Files.createDirectories(place.getParent());
            if (keep) {
                Trees.copy(directory, place);
            } else {
                Files.move(directory, place, StandardCopyOption.ATOMIC_MOVE);
            }
            Trees.share(root);
            Trees.own(root, LayerTar.BUILDER_UID);
            put(layer, root);
            return layer;
        } finally {
            Trees.delete(root); // Is there if something failed, or if another build was faster with the same content.
        }
    }

    /** Whether the layer is here; then it stays for a while, whatever {@link #retainOnly} is told meanwhile. */
    private synchronized boolean isHere(Layer layer) throws IOException {
        if (!Files.isDirectory(layer.directory())) {
            return false;
        }
        Files.setLastModifiedTime(about(layer), FileTime.from(clock.instant()));
        return true;
    }

    private synchronized void put(Layer layer, Path root) throws IOException {
        if (isHere(layer)) {
            return;
        }
        writeAbout(layer, LayerTar.Owners.BUILDER);
        Files.setLastModifiedTime(about(layer), FileTime.from(clock.instant()));
        if (deleted.size() < deletedMax && !deleted.contains(layer.digest())) {
            Files.move(root, layer.directory(), StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        String hex = Sha256.hex(layer.digest());
        Path again = folder.resolve(hex + AGAIN + root.getFileName().toString().substring(UNFINISHED.length()));
        Files.move(root, again, StandardCopyOption.ATOMIC_MOVE);
        pointTo(layer.directory(), again.getFileName());
    }

    /** Makes a directory that stays where it is known as a layer. Reads all of it. */
    public Layer link(Path directory) throws IOException {
        Layer layer = describe(directory, "", LayerTar.Owners.KEPT);
        link(layer, directory);
        return layer;
    }

    /**
     * The same, but what was found by reading is remembered in a file.
     *
     * @param remembered gone whenever the directory's content becomes another; is written if missing
     */
    public Layer link(Path directory, Path remembered) throws IOException {
        if (Files.notExists(remembered)) {
            Layer layer = link(directory);
            writeWhole(remembered, layer.digest() + " " + layer.sizeBytes());
            return layer;
        }
        String[] known = Files.readString(remembered).strip().split(" ", 2);
        Layer layer = layer(known[0], Long.parseLong(known[1]));
        link(layer, directory);
        return layer;
    }

    private void link(Layer layer, Path directory) throws IOException {
        Path target = directory.toRealPath();
        Path link = layer.directory();
        if (Files.isSymbolicLink(link) ? Files.readSymbolicLink(link).equals(target) : Files.exists(link)) {
            return; // Its note was written before it.
        }
        writeAbout(layer, LayerTar.Owners.KEPT);
        pointTo(link, target);
    }

    private void pointTo(Path link, Path target) throws IOException {
        Path fresh = Files.createTempDirectory(folder, UNFINISHED);
        Files.move(Files.createSymbolicLink(fresh.resolve("link"), target), link, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(fresh);
    }

    /** Names the content of a directory of this server: the same files with the same modes and owners give the same. */
    public static String digest(Path directory) throws IOException {
        try (Sha256.Sink sink = new Sha256.Sink()) {
            LayerTar.write(directory, "", LayerTar.Owners.KEPT, sink);
            return sink.digest();
        }
    }

    /** Whether its content lies here and goes with it. */
    boolean isOwn(String digest) {
        Path directory = folder.resolve(Sha256.hex(digest));
        try {
            return Files.isSymbolicLink(directory)
                    ? !Files.readSymbolicLink(directory).isAbsolute()
                    : Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            return false; // It was deleted meanwhile.
        }
    }

    /** @throws MayflyException {@code NOT_FOUND} if it is not on this machine */
    public Layer get(String digest) {
        Path directory = folder.resolve(Sha256.hex(digest));
        if (!Files.isDirectory(directory)) {
            throw new MayflyException(
                    ErrorCode.NOT_FOUND, "Layer " + digest + " is not on this machine; deploy the app again.");
        }
        return layer(digest, Long.parseLong(about(digest)[0]));
    }

    /** Whether the layer is here; then it is kept for as long as the caller has a {@link ImageStore#hold}. */
    public boolean keep(String digest) throws IOException {
        return isHere(layer(digest, 0));
    }

    /** Writes the layer's tar, byte for byte what its digest says. */
    void writeTar(Layer layer, OutputStream out) throws IOException {
        LayerTar.write(layer.directory().toRealPath(), "", LayerTar.Owners.valueOf(about(layer.digest())[1]), out);
    }

    /**
     * Deletes every layer that is not named here and was neither made nor found again since. Returns how many. Others may add
     * some meanwhile.
     */
    int retainOnly(Set<String> digests, Instant since) throws IOException {
        int gone = 0;
        List<Path> all;
        try (Stream<Path> listed = Files.list(folder)) {
            all = listed.toList();
        }
        for (Path each : all) {
            String name = each.getFileName().toString();
            String hex = name.replaceFirst("(\\.about|" + AGAIN + ".*)$", "");
            boolean stray = name.startsWith(UNFINISHED) || (name.contains(AGAIN) && !isLinked(each, hex));
            if (stray) {
                if (isOlder(each, opened)) {
                    Trees.delete(each); // Of a server that ended while it was made or deleted.
                    Files.deleteIfExists(each);
                }
            } else if (hex.matches("[0-9a-f]{64}") && !digests.contains(Sha256.PREFIX + hex)) {
                gone += delete(Sha256.PREFIX + hex, since) ? 1 : 0;
            }
        }
        return gone;
    }

    private boolean isLinked(Path again, String hex) throws IOException {
        Path link = folder.resolve(hex);
        return Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(again.getFileName());
    }

    /** What is linked in from elsewhere is for others to free. */
    private boolean delete(String digest, Instant since) throws IOException {
        Path directory = folder.resolve(Sha256.hex(digest));
        Path about = folder.resolve(Sha256.hex(digest) + ".about");
        Path going;
        synchronized (this) {
            if (!isOlder(about, since)) {
                return false;
            }
            if (Files.notExists(directory, LinkOption.NOFOLLOW_LINKS)) {
                Files.deleteIfExists(about);
                return false;
            }
            if (!isOwn(digest)) {
                return false;
            }
            going = Files.createTempDirectory(folder, UNFINISHED);
            Path content = Files.isSymbolicLink(directory)
                    ? directory.resolveSibling(Files.readSymbolicLink(directory))
                    : directory;
            if (deleted.size() < deletedMax) {
                deleted.add(digest);
            }
            Files.deleteIfExists(about);
            Files.move(content, going.resolve("content"), StandardCopyOption.ATOMIC_MOVE);
            Files.deleteIfExists(directory); // The link, if it was one.
        }
        Trees.delete(going);
        return true;
    }

    private static boolean isOlder(Path file, Instant limit) throws IOException {
        return Files.notExists(file, LinkOption.NOFOLLOW_LINKS)
                || Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isBefore(limit);
    }

    private Layer describe(Path directory, String inside, LayerTar.Owners owners) throws IOException {
        try (Sha256.Sink sink = new Sha256.Sink()) {
            LayerTar.write(directory, inside, owners, sink);
            return layer(sink.digest(), sink.bytes());
        }
    }

    private Layer layer(String digest, long sizeBytes) {
        return new Layer(digest, sizeBytes, folder.resolve(Sha256.hex(digest)));
    }

    private void writeAbout(Layer layer, LayerTar.Owners owners) throws IOException {
        writeWhole(about(layer), layer.sizeBytes() + " " + owners.name());
    }

    /** Others read these files meanwhile: they see all of it or what was there before. */
    private static void writeWhole(Path file, String text) throws IOException {
        Path part = Files.createTempFile(file.toAbsolutePath().getParent(), UNFINISHED, "");
        try {
            Files.writeString(part, text);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private Path about(Layer layer) {
        return folder.resolve(Sha256.hex(layer.digest()) + ".about");
    }

    private String[] about(String digest) {
        try {
            return Files.readString(folder.resolve(Sha256.hex(digest) + ".about"))
                    .split(" ", 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
