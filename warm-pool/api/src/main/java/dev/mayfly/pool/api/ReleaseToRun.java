package dev.mayfly.pool.api;

import dev.mayfly.model.AppSpec;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import java.util.Map;

/**
 * All the pool needs to start instances of a release.
 *
 * @param image digest of the image, {@code sha256:…}
 * @param process the process that serves
 * @param config the app's configuration, set over the process' environment
 */
public record ReleaseToRun(
        ReleaseRef release, String image, ProcessSpec process, Map<String, String> config, AppSpec spec) {
    public ReleaseToRun {
        config = Map.copyOf(config);
    }

    /** Without values of the configuration, which may be secrets. */
    @Override
    public String toString() {
        return "ReleaseToRun[" + release + ", " + image + "]";
    }
}
