package dev.mayfly.pool.api;

import dev.mayfly.model.ProcessSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What many functions' images have in common, with nothing of any tenant in it: base, toolchains and shim. It is started with
 * the listening socket as descriptor 0 and a control socket as descriptor 3, over which it is told once which function it is.
 *
 * @param key the same for all images with the same of it
 * @param layers directories, top first, each laid out from the image's root
 * @param process how it starts
 */
public record GenericRuntime(String key, List<Path> layers, ProcessSpec process) {
    public GenericRuntime {
        layers = List.copyOf(layers);
    }
}
