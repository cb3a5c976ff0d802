package dev.mayfly.server;

import dev.mayfly.builders.image.ImageStore;
import dev.mayfly.pool.api.GenericRuntime;
import dev.mayfly.pool.api.ImageRoots;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The image store as the warm pool sees it. */
record StoredImages(ImageStore images, LanguageZygotes zygotes) implements ImageRoots {
    @Override
    public List<Path> layers(String image) {
        return images.roots(image);
    }

    @Override
    public Optional<GenericRuntime> generic(String image) {
        return images.generic(image)
                .map(part -> new GenericRuntime(
                        part.key(),
                        images.directories(part.layers()),
                        part.process(),
                        zygotes.of(part, images::directories)));
    }
}
