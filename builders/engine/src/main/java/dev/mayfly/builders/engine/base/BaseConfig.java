package dev.mayfly.builders.engine.base;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Base images.
 *
 * @param folder {@code base.folder}: where base images lie; several servers may share it
 * @param suite {@code base.suite}: of Debian that base images are made of
 * @param mirror {@code base.mirror}: URL of a Debian mirror; empty: this machine's own, if it is Debian
 * @param staleSuites {@code base.stale-suites}: suites whose package index is taken although it is past its date, as on
 *     a mirror that was frozen
 */
public record BaseConfig(Path folder, String suite, Optional<String> mirror, Set<String> staleSuites) {
    public static final String DEFAULT_SUITE = "trixie";

    public BaseConfig {
        if (!suite.matches("[a-z]{3,20}")) {
            throw ConfigException.of("base.suite", "'" + suite + "'", "name of a Debian suite");
        }
        staleSuites = Set.copyOf(staleSuites);
        for (String stale : staleSuites) {
            if (!stale.matches("[a-z]{3,20}")) {
                throw ConfigException.of("base.stale-suites", "'" + stale + "'", "names of Debian suites");
            }
        }
        mirror.ifPresent(url -> {
            if (!url.matches("https?://\\S+")) {
                throw ConfigException.of("base.mirror", "'" + url + "'", "an http or https URL");
            }
        });
    }

    public static BaseConfig from(ConfigReader config, Path data) {
        return new BaseConfig(
                config.path("base.folder", data.resolve("base")),
                config.string("base.suite", DEFAULT_SUITE),
                config.optional("base.mirror"),
                Set.copyOf(config.list("base.stale-suites", List.of())));
    }
}
