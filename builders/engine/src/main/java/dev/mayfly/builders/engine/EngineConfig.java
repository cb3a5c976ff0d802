package dev.mayfly.builders.engine;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * What a build may use.
 *
 * @param memoryMib memory of a build's sandbox
 * @param timeout of one buildpack's build
 * @param detectTimeout of detection as a whole
 */
public record EngineConfig(int memoryMib, Duration timeout, Duration detectTimeout) {
    public static final EngineConfig DEFAULTS = new EngineConfig(2_048, Duration.ofMinutes(15), Duration.ofSeconds(60));

    public EngineConfig {
        if (memoryMib < 128) {
            throw ConfigException.of("build.memory-mib", memoryMib, ">= 128");
        }
        if (!timeout.isPositive()) {
            throw ConfigException.of("build.timeout", timeout, "> 0");
        }
        if (!detectTimeout.isPositive()) {
            throw ConfigException.of("build.detect-timeout", detectTimeout, "> 0");
        }
    }

    public static EngineConfig from(ConfigReader config) {
        return new EngineConfig(
                config.integer("build.memory-mib", DEFAULTS.memoryMib),
                config.duration("build.timeout", DEFAULTS.timeout),
                config.duration("build.detect-timeout", DEFAULTS.detectTimeout));
    }
}
