package dev.mayfly.runtime.disk;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;

/**
 * What is kept free on the disk.
 *
 * @param reserveMib {@code data.reserve-mib}: space that pushes and builds leave to the database and the logs: below it
 *     pushes are refused and builds are stopped, below twice as much build caches are deleted; 0: a twentieth of the
 *     file system, at most 1024
 */
public record DiskConfig(long reserveMib) {
    public DiskConfig {
        if (reserveMib < 0) {
            throw ConfigException.of("data.reserve-mib", reserveMib, ">= 0");
        }
    }

    public static DiskConfig from(ConfigReader config) {
        return new DiskConfig(config.longInteger("data.reserve-mib", 0));
    }
}
