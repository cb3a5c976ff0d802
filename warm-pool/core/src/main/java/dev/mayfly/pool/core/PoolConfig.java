package dev.mayfly.pool.core;

import java.time.Duration;

/**
 * Limits of the pool on one machine.
 *
 * @param instancesMax living instances of all tenants
 * @param tenantInstancesMax living instances of one tenant
 * @param releaseInstancesMax living instances of one release
 * @param startsMax starts under way at once
 * @param queueMax requests of one release that may wait for a place
 * @param queueTimeout how long a request waits for a place once instances are there
 * @param backoffMax longest pause between starts of a release whose starts keep failing
 */
public record PoolConfig(
        int instancesMax,
        int tenantInstancesMax,
        int releaseInstancesMax,
        int startsMax,
        int queueMax,
        Duration queueTimeout,
        Duration backoffMax) {
    public static final PoolConfig DEFAULTS =
            new PoolConfig(200, 100, 20, 8, 1_000, Duration.ofSeconds(30), Duration.ofSeconds(30));

    public PoolConfig {
        positive(instancesMax, "pool.instances-max");
        positive(tenantInstancesMax, "pool.tenant-instances-max");
        positive(releaseInstancesMax, "pool.release-instances-max");
        positive(startsMax, "pool.starts-max");
        positive(queueMax, "pool.queue-max");
        if (!queueTimeout.isPositive()) {
            throw new IllegalArgumentException("pool.queue-timeout: " + queueTimeout + " (expected: above 0)");
        }
        if (!backoffMax.isPositive()) {
            throw new IllegalArgumentException("pool.backoff-max: " + backoffMax + " (expected: above 0)");
        }
    }

    private static void positive(int value, String key) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": " + value + " (expected: at least 1)");
        }
    }
}
