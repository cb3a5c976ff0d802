package dev.mayfly.pool.api;

import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.Zygote;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What many functions' images have in common, with nothing of any tenant in it: base, toolchains and shim. It is started with
 * the listening socket as descriptor 0 and a control socket as descriptor 3, over which it is told once which function it is.
 *
 * @param key the same for all images with the same of it
 * @param layers directories, top first, each laid out from the image's root
 * @param process how it starts
 * @param zygote what it may be forked from; it is then the same as if it had been started
 */
public record GenericRuntime(String key, List<Path> layers, ProcessSpec process, Optional<Zygote> zygote) {
    public GenericRuntime {
        layers = List.copyOf(layers);
    }
}
