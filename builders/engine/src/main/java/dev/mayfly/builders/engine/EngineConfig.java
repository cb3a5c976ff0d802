package dev.mayfly.builders.engine;

import dev.mayfly.builders.engine.disk.DiskUse;
import dev.mayfly.builders.image.LayerAllowance;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * What a build may use.
 *
 * @param memoryMib {@code build.memory-mib}: memory of a build's sandbox
 * @param diskMib {@code build.disk-mib}: space on the disk that a build may take, with what it kept from earlier
 *     builds; the layers of its image together are no longer
 * @param filesMax {@code build.files-max}: files and directories that a build may make, with those that it kept; the
 *     layers of its image together have no more
 * @param cacheTime {@code build.cache-time}: for which an app's build cache is kept after its last build
 * @param timeout {@code build.timeout}: of one buildpack's build, and of the export
 * @param detectTimeout {@code build.detect-timeout}: of detection as a whole
 * @param parallel {@code build.parallel}: builds that run at once; others wait. Fewer if half of the server's heap
 *     cannot hold what so many may need
 * @param waiting {@code build.waiting}: builds that may wait; further ones are refused
 */
public record EngineConfig(
        int memoryMib,
        int diskMib,
        int filesMax,
        Duration cacheTime,
        Duration timeout,
        Duration detectTimeout,
        int parallel,
        int waiting) {
    public static final EngineConfig DEFAULTS = new EngineConfig(
            2_048, 4_096, 500_000, Duration.ofDays(30), Duration.ofMinutes(15), Duration.ofSeconds(60), 4, 100);

    public EngineConfig {
        if (memoryMib < 128) {
            throw ConfigException.of("build.memory-mib", memoryMib, ">= 128");
        }
        if (diskMib < 1) {
            throw ConfigException.of("build.disk-mib", diskMib, ">= 1");
        }
        if (filesMax < 1) {
            throw ConfigException.of("build.files-max", filesMax, ">= 1");
        }
        if (!cacheTime.isPositive()) {
            throw ConfigException.of("build.cache-time", cacheTime, "> 0");
        }
        if (!timeout.isPositive()) {
            throw ConfigException.of("build.timeout", timeout, "> 0");
        }
        if (!detectTimeout.isPositive()) {
            throw ConfigException.of("build.detect-timeout", detectTimeout, "> 0");
        }
        if (parallel < 1 || parallel > 64) {
            throw ConfigException.of("build.parallel", parallel, "1 to 64");
        }
        if (waiting < 0 || waiting > 10_000) {
            throw ConfigException.of("build.waiting", waiting, "0 to 10000");
        }
    }

    DiskUse diskUse() {
        return new DiskUse((long) diskMib << 20, filesMax);
    }

    /** Of one build: holes in files take no room on its disk, and one file may have many names. */
    LayerAllowance layers() {
        return new LayerAllowance(diskUse().bytes(), filesMax);
    }

    public static EngineConfig from(ConfigReader config) {
        return new EngineConfig(
                config.integer("build.memory-mib", DEFAULTS.memoryMib),
                config.integer("build.disk-mib", DEFAULTS.diskMib),
                config.integer("build.files-max", DEFAULTS.filesMax),
                config.duration("build.cache-time", DEFAULTS.cacheTime),
                config.duration("build.timeout", DEFAULTS.timeout),
                config.duration("build.detect-timeout", DEFAULTS.detectTimeout),
                config.integer("build.parallel", DEFAULTS.parallel),
                config.integer("build.waiting", DEFAULTS.waiting));
    }
}
