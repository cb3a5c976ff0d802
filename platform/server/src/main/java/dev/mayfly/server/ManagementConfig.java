package dev.mayfly.server;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;

/**
 * The port for health and metrics: without authentication, so for the machine or its cluster alone.
 *
 * @param host {@code management.host}: address to listen on
 * @param port {@code management.port}: 0: the control port's successor, or a free one if the control port is
 *     chosen too
 */
record ManagementConfig(String host, int port) {
    ManagementConfig {
        if (port < 0 || port > 65_535) {
            throw ConfigException.of("management.port", port, "0 to 65535");
        }
    }

    static ManagementConfig from(ConfigReader config, int controlPort) {
        int port = config.integer("management.port", 0);
        return new ManagementConfig(
                config.string("management.host", "127.0.0.1"), port == 0 && controlPort > 0 ? controlPort + 1 : port);
    }
}
