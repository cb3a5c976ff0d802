package dev.mayfly.sandbox;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.util.Set;

/**
 * Which runtime class makes sandboxes.
 *
 * @param runtime {@code auto} takes the first of native, runc and crun that works here, and {@code process} only where this
 *     process has no privileges at all
 */
public record SandboxConfig(String runtime) {
    private static final Set<String> KNOWN = Set.of("auto", "native", "runc", "crun", "process");
    public static final SandboxConfig DEFAULTS = new SandboxConfig("auto");

    public SandboxConfig {
        if (!KNOWN.contains(runtime)) {
            throw ConfigException.of("sandbox.runtime", "'" + runtime + "'", "auto, native, runc, crun or process");
        }
    }

    public static SandboxConfig from(ConfigReader config) {
        return new SandboxConfig(config.string("sandbox.runtime", DEFAULTS.runtime()));
    }
}
