package dev.mayfly.builders.api;

import dev.mayfly.model.AppSpec;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ProcessSpec;
import java.util.Map;

/** What came of a build. */
public sealed interface BuildResult {
    /**
     * @param image digest of the image's manifest, {@code sha256:…}
     * @param processes how to start each process type; {@code web} is always there
     * @param spec what {@code mayfly.toml} says about running it
     * @param sizeBytes unpacked size of the layers above the base image
     * @param language what a person would call it, for example {@code Node.js 24.1.0}
     */
    record Built(String image, Map<String, ProcessSpec> processes, AppSpec spec, long sizeBytes, String language)
            implements BuildResult {
        public Built {
            processes = Map.copyOf(processes);
        }
    }

    /**
     * @param phase where it failed: {@code source}, {@code detect}, {@code restore}, {@code build}, {@code export}
     * @param reason one line, fit for the person who pushed
     */
    record Failed(ErrorCode code, String phase, String reason) implements BuildResult {}
}
