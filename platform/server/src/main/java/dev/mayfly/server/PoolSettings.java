package dev.mayfly.server;

import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.runtime.config.ConfigReader;

/** The pool's settings out of the configuration: its core knows no configuration. */
final class PoolSettings {
    private PoolSettings() {}

    static PoolConfig from(ConfigReader config) {
        PoolConfig d = PoolConfig.DEFAULTS;
        return new PoolConfig(
                config.integer("pool.instances-max", d.instancesMax()),
                config.integer("pool.tenant-instances-max", d.tenantInstancesMax()),
                config.integer("pool.release-instances-max", d.releaseInstancesMax()),
                config.integer("pool.starts-max", d.startsMax()),
                config.integer("pool.queue-max", d.queueMax()),
                config.duration("pool.queue-timeout", d.queueTimeout()),
                config.duration("pool.backoff-max", d.backoffMax()));
    }
}
