package dev.mayfly.builders.image;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The layers of this machine's images, unpacked, one directory each, named by the digest of its tar. What many images share
 * from elsewhere (base images, toolchains) is linked in and not copied. Safe from many threads.
 */
public final class LayerStore {
    private final Path folder;

    /** @param folder is made if missing */
    public LayerStore(Path folder) {
        this.folder = folder;
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
     * @throws MayflyException {@code BUILD_FAILED} if it has something that a layer cannot hold, or too much
     */
    public Layer take(Path directory, String inside, boolean keep) throws IOException {
        TreeCheck.run(directory, !keep);
        Trees.share(directory);
        Layer layer = describe(directory, inside, LayerTar.Owners.BUILDER);
        if (Files.exists(layer.directory())) {
            if (!keep) {
                Trees.delete(directory);
            }
            return layer;
        }
        Path root = Files.createTempDirectory(folder, "new-");
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
        writeAbout(layer, LayerTar.Owners.BUILDER);
        try {
            Files.move(root, layer.directory(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!Files.exists(layer.directory())) {
                throw e;
            }
            Trees.delete(root); // Another build was faster with the same content.
        }
        return layer;
    }

    /** Makes a directory that stays where it is known as a layer. Reads all of it: call once and remember the digest. */
    public Layer link(Path directory) throws IOException {
        Layer layer = describe(directory, "", LayerTar.Owners.KEPT);
        link(layer.digest(), layer.sizeBytes(), directory);
        return layer;
    }

    /** Makes a directory whose digest is known already a layer. */
    public void link(String digest, long sizeBytes, Path directory) throws IOException {
        Layer layer = new Layer(digest, sizeBytes, folder.resolve(Sha256.hex(digest)));
        writeAbout(layer, LayerTar.Owners.KEPT);
        Path target = directory.toRealPath();
        if (Files.isSymbolicLink(layer.directory())
                && Files.readSymbolicLink(layer.directory()).equals(target)) {
            return;
        }
        try {
            Files.deleteIfExists(layer.directory());
            Files.createSymbolicLink(layer.directory(), target);
        } catch (FileAlreadyExistsException e) {
            // Another thread linked it.
        }
    }

    /** @throws MayflyException {@code NOT_FOUND} if it is not on this machine */
    public Layer get(String digest) {
        Path directory = folder.resolve(Sha256.hex(digest));
        if (!Files.isDirectory(directory)) {
            throw new MayflyException(
                    ErrorCode.NOT_FOUND, "Layer " + digest + " is not on this machine; deploy the app again.");
        }
        return new Layer(digest, Long.parseLong(about(digest)[0]), directory);
    }

    public boolean has(String digest) {
        return Files.isDirectory(folder.resolve(Sha256.hex(digest)));
    }

    /** Writes the layer's tar, byte for byte what its digest says. */
    void writeTar(Layer layer, OutputStream out) throws IOException {
        LayerTar.write(layer.directory().toRealPath(), "", LayerTar.Owners.valueOf(about(layer.digest())[1]), out);
    }

    /** Deletes every layer that is not named here. Returns how many. */
    int retainOnly(Set<String> digests) throws IOException {
        int deleted = 0;
        try (Stream<Path> all = Files.list(folder)) {
            for (Path each : all.toList()) {
                String name = each.getFileName().toString();
                if (!name.matches("[0-9a-f]{64}") || digests.contains(Sha256.PREFIX + name)) {
                    continue;
                }
                if (Files.isSymbolicLink(each)) {
                    continue; // Its content lies elsewhere and is for others to free.
                }
                if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
                    Trees.delete(each);
                }
                Files.deleteIfExists(folder.resolve(name + ".about"));
                deleted++;
            }
        }
        return deleted;
    }

    private Layer describe(Path directory, String inside, LayerTar.Owners owners) throws IOException {
        try (Sha256.Sink sink = new Sha256.Sink()) {
            LayerTar.write(directory, inside, owners, sink);
            String digest = sink.digest();
            return new Layer(digest, sink.bytes(), folder.resolve(Sha256.hex(digest)));
        }
    }

    private void writeAbout(Layer layer, LayerTar.Owners owners) throws IOException {
        Files.writeString(
                folder.resolve(Sha256.hex(layer.digest()) + ".about"), layer.sizeBytes() + " " + owners.name());
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
