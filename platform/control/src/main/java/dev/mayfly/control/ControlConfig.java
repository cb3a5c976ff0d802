package dev.mayfly.control;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.util.Optional;

/**
 * The port of the console, the API and git.
 *
 * @param host {@code control.host}: address to listen on; {@code 0.0.0.0} for all
 * @param port {@code control.port}: to listen on; 0 takes a free one
 * @param publicUrl {@code control.public-url}: how people reach it; empty: {@code http://localhost:<port>}
 */
public record ControlConfig(String host, int port, Optional<String> publicUrl) {
    public static final ControlConfig DEFAULTS = new ControlConfig("127.0.0.1", 9_000, Optional.empty());

    public ControlConfig {
        if (port < 0 || port > 65_535) {
            throw ConfigException.of("control.port", port, "0 to 65535");
        }
        publicUrl.ifPresent(url -> {
            if (!url.matches("https?://[^/\\s]+")) {
                throw ConfigException.of(
                        "control.public-url", "'" + url + "'", "http://host or https://host, without a path");
            }
        });
    }

    public static ControlConfig from(ConfigReader config) {
        return new ControlConfig(
                config.string("control.host", DEFAULTS.host),
                config.integer("control.port", DEFAULTS.port),
                config.optional("control.public-url"));
    }

    public String url() {
        return publicUrl.orElse("http://localhost:" + port);
    }
}
