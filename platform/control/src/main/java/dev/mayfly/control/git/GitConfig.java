package dev.mayfly.control.git;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * What a push may be.
 *
 * @param packMibMax size of one push on the wire
 * @param filesMax files of the pushed tree
 * @param keepAlive silence after which the client gets a sign of life, so that proxies do not cut it off
 */
public record GitConfig(int packMibMax, int filesMax, Duration keepAlive) {
    public static final GitConfig DEFAULTS = new GitConfig(512, 100_000, Duration.ofSeconds(5));

    public GitConfig {
        if (packMibMax < 1) {
            throw ConfigException.of("git.pack-mib-max", packMibMax, ">= 1");
        }
        if (filesMax < 1) {
            throw ConfigException.of("git.files-max", filesMax, ">= 1");
        }
        if (!keepAlive.isPositive()) {
            throw ConfigException.of("git.keep-alive", keepAlive, "> 0");
        }
    }

    public static GitConfig from(ConfigReader config) {
        return new GitConfig(
                config.integer("git.pack-mib-max", DEFAULTS.packMibMax),
                config.integer("git.files-max", DEFAULTS.filesMax),
                config.duration("git.keep-alive", DEFAULTS.keepAlive));
    }
}
