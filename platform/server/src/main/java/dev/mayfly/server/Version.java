package dev.mayfly.server;

import dev.mayfly.runtime.config.ConfigReader;
import java.util.Optional;

/** What runs here. */
final class Version {
    static final String NUMBER = "0.1.0";
    static final String COMMIT = Optional.ofNullable(
                    ConfigReader.processEnvironment().get("MAYFLY_COMMIT"))
            .orElse("unknown");

    private Version() {}
}
