package dev.mayfly.pool.api;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where the unpacked layers of images lie on this machine. Implemented over the image store by the server. */
public interface ImageRoots {
    /**
     * The image's layers as directories, top first. Each is laid out from the image's root and never changes.
     *
     * @throws dev.mayfly.model.MayflyException {@code NOT_FOUND} if the image is not here
     */
    List<Path> layers(String image);

    /** The part of a function's image that starts without its tenant, if the image has one. */
    default Optional<GenericRuntime> generic(String image) {
        return Optional.empty();
    }
}
