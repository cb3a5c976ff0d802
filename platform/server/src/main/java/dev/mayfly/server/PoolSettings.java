package dev.mayfly.server;

import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.util.Arrays;
import java.util.function.Function;

/** The pool's settings out of the configuration: its core knows no configuration. */
final class PoolSettings {
    private PoolSettings() {}

    static PoolConfig from(ConfigReader config) {
        return new PoolConfig(caps(config), waiting(config), keeping(config));
    }

    private static PoolConfig.Caps caps(ConfigReader config) {
        PoolConfig.Caps d = PoolConfig.Caps.DEFAULTS;
        return new PoolConfig.Caps(
                config.integer("pool.instances-max", d.instancesMax()),
                config.integer("pool.tenant-instances-max", d.tenantInstancesMax()),
                config.integer("pool.release-instances-max", d.releaseInstancesMax()),
                config.integer("pool.starts-max", d.startsMax()),
                config.longInteger("pool.memory-max", d.memoryMax()),
                config.longInteger("pool.tenant-memory-max", d.tenantMemoryMax()),
                config.longInteger("pool.memory-reserve", d.memoryReserve()));
    }

    private static PoolConfig.Waiting waiting(ConfigReader config) {
        PoolConfig.Waiting d = PoolConfig.Waiting.DEFAULTS;
        return new PoolConfig.Waiting(
                config.integer("pool.queue-max", d.queueMax()),
                config.duration("pool.queue-timeout", d.queueTimeout()),
                config.duration("pool.backoff-max", d.backoffMax()));
    }

    private static PoolConfig.Keeping keeping(ConfigReader config) {
        PoolConfig.Keeping d = PoolConfig.Keeping.DEFAULTS;
        return new PoolConfig.Keeping(
                choice(
                        config,
                        "pool.keep-alive",
                        d.keepAlive(),
                        PoolConfig.Keeping.Kind.values(),
                        PoolConfig.Keeping.Kind::wireName),
                config.duration("pool.cold-worth", d.coldWorth()),
                config.duration("pool.freeze-after", d.freezeAfter()),
                config.integer("pool.prepared-max", d.preparedMax()),
                config.integer("pool.generic-min", d.genericMin()),
                config.integer("pool.generic-max", d.genericMax()),
                config.integer("pool.generic-memory", d.genericMemory()),
                choice(
                        config,
                        "pool.zygotes",
                        d.zygotes(),
                        PoolConfig.Keeping.Zygotes.values(),
                        PoolConfig.Keeping.Zygotes::wireName),
                config.integer("pool.zygotes-max", d.zygotesMax()));
    }

    private static <T> T choice(ConfigReader config, String key, T otherwise, T[] all, Function<T, String> wireName) {
        String chosen = config.string(key, wireName.apply(otherwise));
        return Arrays.stream(all)
                .filter(each -> wireName.apply(each).equals(chosen))
                .findFirst()
                .orElseThrow(() -> new ConfigException(key + ": '" + chosen + "' (expected: one of "
                        + String.join(", ", Arrays.stream(all).map(wireName).toList()) + ")"));
    }
}
