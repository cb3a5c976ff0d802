package dev.mayfly.builders.api;

import dev.mayfly.model.AppRef;
import java.util.Map;

/**
 * One source tree to turn into one image.
 *
 * @param id {@code bld_…}
 * @param config the app's configuration, seen by buildpacks as user variables
 * @param noCache whether to build without anything kept from earlier builds
 */
public record BuildRequest(String id, AppRef app, SourceTree source, Map<String, String> config, boolean noCache) {
    public BuildRequest {
        config = Map.copyOf(config);
    }
}
