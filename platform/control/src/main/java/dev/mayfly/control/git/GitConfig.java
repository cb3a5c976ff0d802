package dev.mayfly.control.git;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;

/**
 * What git may cost.
 *
 * @param keepAlive {@code git.keep-alive}: silence after which the client gets a sign of life, so that proxies do not
 *     cut it off
 * @param pushesMax {@code git.pushes-max}: pushes under way in all, those that build and wait to build included; of one
 *     tenant at most half
 * @param fetchesMax {@code git.fetches-max}: clones and fetches under way in all; of one tenant at most half
 * @param transferTimeout {@code git.transfer-timeout}: how long a push may take to arrive, and a fetch to be sent
 */
public record GitConfig(
        PackLimits pack,
        TreeLimits tree,
        RepositoryLimits repository,
        Duration keepAlive,
        int pushesMax,
        int fetchesMax,
        Duration transferTimeout) {
    public static final GitConfig DEFAULTS = new GitConfig(
            PackLimits.DEFAULTS,
            TreeLimits.DEFAULTS,
            RepositoryLimits.DEFAULTS,
            Duration.ofSeconds(5),
            64,
            16,
            Duration.ofMinutes(30));

    public GitConfig {
        if (!keepAlive.isPositive()) {
            throw ConfigException.of("git.keep-alive", keepAlive, "> 0");
        }
        PackLimits.requirePositive("git.pushes-max", pushesMax);
        PackLimits.requirePositive("git.fetches-max", fetchesMax);
        if (!transferTimeout.isPositive()) {
            throw ConfigException.of("git.transfer-timeout", transferTimeout, "> 0");
        }
    }

    public static GitConfig from(ConfigReader config) {
        return new GitConfig(
                PackLimits.from(config),
                TreeLimits.from(config),
                RepositoryLimits.from(config),
                config.duration("git.keep-alive", DEFAULTS.keepAlive),
                config.integer("git.pushes-max", DEFAULTS.pushesMax),
                config.integer("git.fetches-max", DEFAULTS.fetchesMax),
                config.duration("git.transfer-timeout", DEFAULTS.transferTimeout));
    }
}
