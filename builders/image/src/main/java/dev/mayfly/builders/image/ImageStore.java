package dev.mayfly.builders.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * OCI images of this machine (image-spec 1.1). Configurations and manifests are blobs named by their digest; layers are kept
 * unpacked in the {@link LayerStore}, and their tars are written only when an image leaves ({@link #exportTo}). Images are
 * named by the digest of their manifest.
 */
public final class ImageStore {
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /** How names of files that are not whole yet begin. */
    private static final String UNFINISHED = "part";

    /** Between the end of who made it and the release that names it. */
    static final Duration SETTLED_AFTER = Duration.ofMinutes(5);

    private final InstantSource clock;
    private final Map<Object, Instant> holds = new ConcurrentHashMap<>();
    private final Path blobs;

    /** One file for each image that has a generic part, named as the image. */
    private final Path parts;

    private final LayerStore layers;
    private final Map<String, List<Path>> roots = new ConcurrentHashMap<>();
    private final Map<String, Optional<GenericPart>> generics = new ConcurrentHashMap<>();

    /**
     * Of every generic part that was ever asked for: the pool knows where they lie for as long as it runs. They are the build
     * engine's own, few and small.
     */
    private final Set<String> genericLayers = ConcurrentHashMap.newKeySet();

    /** @param folder blobs and layers go below it; is made if missing */
    public ImageStore(Path folder) {
        this(folder, InstantSource.system());
    }

    ImageStore(Path folder, InstantSource clock) {
        this.clock = clock;
        this.blobs = folder.resolve("oci/blobs/sha256");
        this.parts = folder.resolve("generic");
        this.layers = new LayerStore(folder.resolve("layers"), clock);
        try {
            Files.createDirectories(blobs);
            Files.createDirectories(parts);
            deleteUnfinished();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public LayerStore layerStore() {
        return layers;
    }

    /**
     * Adds an image.
     *
     * @param run how it starts, as in the {@code config} object of an OCI image configuration
     * @param fromBottom its layers, base first
     * @param generic the part of it that holds nothing of its tenant. Kept beside it: nothing in an image makes one
     * @return digest of its manifest
     */
    public String add(ImageRun run, List<Layer> fromBottom, Optional<GenericPart> generic) throws IOException {
        ObjectNode config = JSON.createObjectNode();
        config.put("created", "1980-01-01T00:00:01Z");
        config.put("architecture", architecture());
        config.put("os", "linux");
        config.set("config", run.toJson(JSON));
        ObjectNode rootfs = config.putObject("rootfs").put("type", "layers");
        ArrayNode diffIds = rootfs.putArray("diff_ids");
        fromBottom.forEach(layer -> diffIds.add(layer.digest()));
        byte[] configBytes = JSON.writeValueAsBytes(config);

        ObjectNode manifest = JSON.createObjectNode();
        manifest.put("schemaVersion", 2).put("mediaType", MANIFEST);
        manifest.putObject("config")
                .put("mediaType", CONFIG)
                .put("digest", put(configBytes))
                .put("size", configBytes.length);
        ArrayNode list = manifest.putArray("layers");
        for (Layer layer : fromBottom) {
            list.addObject()
                    .put("mediaType", LAYER)
                    .put("digest", layer.digest())
                    .put("size", layer.sizeBytes());
        }
        String image = put(JSON.writeValueAsBytes(manifest));
        if (generic.isPresent()) {
            writeWhole(part(image), generic.get().toText().getBytes(StandardCharsets.UTF_8));
        } else {
            Files.deleteIfExists(part(image));
        }
        generics.remove(image);
        return image;
    }

    /**
     * The image's layers as directories, top first.
     *
     * @throws MayflyException {@code NOT_FOUND} if the image or one of its layers is not on this machine
     */
    public List<Path> roots(String image) {
        return roots.computeIfAbsent(image, name -> directories(layerDigests(name)));
    }

    /**
     * The part of the image that holds nothing of its tenant, as the engine said when it added it. Images that are no functions
     * have none, nor have those of servers that wrote it into the image, where a build could write it too.
     */
    public Optional<GenericPart> generic(String image) {
        return generics.computeIfAbsent(image, name -> {
            try {
                Optional<GenericPart> part = Files.exists(part(name))
                        ? Optional.of(GenericPart.ofText(Files.readString(part(name))))
                        : Optional.empty();
                part.ifPresent(known -> genericLayers.addAll(known.layers()));
                return part;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** Layers as directories, top first, from digests, base first. */
    public List<Path> directories(List<String> digests) {
        List<Path> found = new ArrayList<>();
        for (String digest : digests) {
            found.addFirst(real(layers.get(digest).directory()));
        }
        return List.copyOf(found);
    }

    /** Digests of the image's layers, base first. */
    public List<String> layerDigests(String image) {
        List<String> digests = new ArrayList<>();
        for (JsonNode layer : read(image).path("layers")) {
            digests.add(layer.path("digest").asText());
        }
        return digests;
    }

    /** Labels of the image. */
    public Map<String, String> labels(String image) {
        JsonNode config = read(read(image).path("config").path("digest").asText());
        Map<String, String> labels = new HashMap<>();
        config.path("config")
                .path("Labels")
                .properties()
                .forEach(each -> labels.put(each.getKey(), each.getValue().asText()));
        return labels;
    }

    /** Keeps what is made or found again from now on, whatever {@link #retainOnly} is told, until this is closed. */
    public interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** For who makes an image: to be closed when somebody has had the time to write down that it is needed. */
    public Hold hold() {
        Object key = new Object();
        holds.put(key, clock.instant());
        return () -> holds.remove(key);
    }

    /**
     * Forgets every image that is not named and every layer that no image here needs, but for those that were made or found
     * again since the oldest {@link #hold}, or in the last {@link #SETTLED_AFTER}. Others may add some meanwhile. Returns how
     * many layers went.
     */
    public int retainOnly(Set<String> images, Set<String> moreLayers) throws IOException {
        Instant limit = holds.values().stream()
                .reduce(clock.instant(), (one, other) -> one.isBefore(other) ? one : other)
                .minus(SETTLED_AFTER);
        Set<String> neededBlobs = new HashSet<>(images);
        Set<String> neededLayers = new HashSet<>(moreLayers);
        neededLayers.addAll(genericLayers);
        Set<String> kept = new HashSet<>(images);
        for (Path each : files(blobs)) {
            String digest = Sha256.PREFIX + each.getFileName();
            // What is new is a manifest or a configuration; that of a manifest is as new as itself.
            if (!isOlder(each, limit)) {
                neededBlobs.add(digest);
                kept.add(digest);
            }
        }
        for (String image : kept) {
            if (Files.exists(blob(image))) {
                JsonNode manifest = read(image);
                neededBlobs.add(manifest.path("config").path("digest").asText());
                manifest.path("layers")
                        .forEach(layer -> neededLayers.add(layer.path("digest").asText()));
            }
        }
        for (Path each : files(blobs)) {
            synchronized (blobs) {
                if (!neededBlobs.contains(Sha256.PREFIX + each.getFileName()) && isOlder(each, limit)) {
                    Files.delete(each);
                }
            }
        }
        for (Path each : files(parts)) {
            synchronized (blobs) {
                if (!kept.contains(Sha256.PREFIX + each.getFileName()) && isOlder(each, limit)) {
                    Files.delete(each);
                }
            }
        }
        roots.keySet().retainAll(kept);
        generics.keySet().retainAll(kept);
        return layers.retainOnly(neededLayers, limit);
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }

    private static boolean isOlder(Path file, Instant limit) throws IOException {
        return Files.exists(file)
                && Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
                        .toInstant()
                        .isBefore(limit);
    }

    /** Bytes of the image's own layers by digest; what is linked in from elsewhere (base, toolchains) is not its own. */
    public Map<String, Long> ownLayers(String image) {
        Map<String, Long> own = new HashMap<>();
        for (JsonNode layer : read(image).path("layers")) {
            String digest = layer.path("digest").asText();
            if (layers.isOwn(digest)) {
                own.put(digest, layer.path("size").asLong());
            }
        }
        return own;
    }

    public boolean has(String image) {
        return Files.exists(blob(image));
    }

    /** Writes the image as an OCI image layout of its own, for other tools. The directory must be empty. */
    public void exportTo(Path directory, String image) throws IOException {
        Path target = Files.createDirectories(directory.resolve("blobs/sha256"));
        JsonNode manifest = read(image);
        String config = manifest.path("config").path("digest").asText();
        for (String digest : List.of(image, config)) {
            Files.copy(blob(digest), target.resolve(Sha256.hex(digest)));
        }
        for (String digest : layerDigests(image)) {
            Path tar = target.resolve(Sha256.hex(digest));
            if (Files.notExists(tar)) {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(tar))) {
                    layers.writeTar(layers.get(digest), out);
                }
            }
        }
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        ObjectNode index = JSON.createObjectNode();
        index.put("schemaVersion", 2);
        index.putArray("manifests")
                .addObject()
                .put("mediaType", MANIFEST)
                .put("digest", image)
                .put("size", Files.size(blob(image)));
        Files.write(directory.resolve("index.json"), JSON.writeValueAsBytes(index));
    }

    private String put(byte[] content) throws IOException {
        String digest = Sha256.of(content);
        Path blob = blob(digest);
        synchronized (blobs) {
            if (Files.exists(blob)) {
                Files.setLastModifiedTime(blob, FileTime.from(clock.instant()));
                return digest;
            }
            writeWhole(blob, content);
        }
        return digest;
    }

    private void writeWhole(Path file, byte[] content) throws IOException {
        Path part = Files.createTempFile(blobs.getParent(), UNFINISHED, "");
        try {
            Files.write(part, content);
            Files.setLastModifiedTime(part, FileTime.from(clock.instant()));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part); // Is there if the disk is full, for instance.
        }
    }

    /** Files of a server that ended while it wrote them. */
    private void deleteUnfinished() throws IOException {
        for (Path each : files(Objects.requireNonNull(blobs.getParent()))) {
            if (each.getFileName().toString().startsWith(UNFINISHED)) {
                Files.delete(each);
            }
        }
    }

    private Path part(String image) {
        return parts.resolve(Sha256.hex(image));
    }

    private JsonNode read(String digest) {
        Path blob = blob(digest);
        try {
            if (Files.notExists(blob)) {
                throw new MayflyException(ErrorCode.NOT_FOUND, "Image " + digest + " is not on this machine.");
            }
            return JSON.readTree(Files.readAllBytes(blob));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path blob(String digest) {
        return blobs.resolve(Sha256.hex(digest));
    }

    private static Path real(Path directory) {
        try {
            return directory.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch", "")) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            case String other -> other;
        };
    }
}
