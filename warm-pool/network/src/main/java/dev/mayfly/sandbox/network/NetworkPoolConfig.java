package dev.mayfly.sandbox.network;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * How networks are made ahead and used again.
 *
 * @param size {@code network.pool-size}: networks that stand ready, 0 to 256; 0: each is made when it is needed
 * @param refillRate {@code network.refill-rate}: networks made ahead in a second, 0 to 1,000; 0: none
 * @param reuseSize {@code network.reuse-size}: used networks kept for their tenants, 0 to 256; 0: none
 * @param reuseTime {@code network.reuse-time}: how long one is kept, 1 s to 1 h
 * @param destroyRate {@code network.destroy-rate}: networks destroyed in a second, 1 to 10,000
 */
public record NetworkPoolConfig(int size, int refillRate, int reuseSize, Duration reuseTime, int destroyRate) {
    public static final NetworkPoolConfig DEFAULTS = new NetworkPoolConfig(16, 50, 32, Duration.ofSeconds(60), 200);

    public NetworkPoolConfig {
        require("network.pool-size", size, 0, 256);
        require("network.refill-rate", refillRate, 0, 1_000);
        require("network.reuse-size", reuseSize, 0, 256);
        require("network.destroy-rate", destroyRate, 1, 10_000);
        if (reuseTime.compareTo(Duration.ofSeconds(1)) < 0 || reuseTime.compareTo(Duration.ofHours(1)) > 0) {
            throw ConfigException.of("network.reuse-time", ConfigReader.format(reuseTime), "1s to 1h");
        }
    }

    private static void require(String key, int value, int min, int max) {
        if (value < min || value > max) {
            throw ConfigException.of(key, String.valueOf(value), min + " to " + max);
        }
    }

    static NetworkPoolConfig from(ConfigReader config) {
        return new NetworkPoolConfig(
                config.integer("network.pool-size", DEFAULTS.size()),
                config.integer("network.refill-rate", DEFAULTS.refillRate()),
                config.integer("network.reuse-size", DEFAULTS.reuseSize()),
                config.duration("network.reuse-time", DEFAULTS.reuseTime()),
                config.integer("network.destroy-rate", DEFAULTS.destroyRate()));
    }
}
