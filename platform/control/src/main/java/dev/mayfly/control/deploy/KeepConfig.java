package dev.mayfly.control.deploy;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;

/**
 * What is kept of what was, and how much a tenant may keep.
 *
 * @param releases {@code keep.releases}: newest releases of an app that have served and whose images are kept: so far
 *     back it can be rolled
 * @param builds {@code keep.builds}: newest builds of an app whose record and log are kept
 * @param records {@code keep.records}: newest superseded releases, failed ones and configurations of an app that are
 *     kept in the books
 * @param tenantDiskMib {@code tenant.disk-mib}: space on the disk of a tenant's images, caches, repositories and logs
 *     together; above it pushes are refused
 * @param tenantAppsMax {@code tenant.apps-max}: apps that a tenant may have at a time; each takes rows, a repository, a
 *     route
 */
public record KeepConfig(int releases, int builds, int records, int tenantDiskMib, int tenantAppsMax) {
    public static final KeepConfig DEFAULTS = new KeepConfig(10, 100, 200, 20_480, 500);

    public KeepConfig {
        if (releases < 2) {
            throw ConfigException.of("keep.releases", releases, ">= 2");
        }
        if (builds < 1) {
            throw ConfigException.of("keep.builds", builds, ">= 1");
        }
        if (records < releases) {
            throw ConfigException.of("keep.records", records, ">= keep.releases");
        }
        if (tenantDiskMib < 1) {
            throw ConfigException.of("tenant.disk-mib", tenantDiskMib, ">= 1");
        }
        if (tenantAppsMax < 1) {
            throw ConfigException.of("tenant.apps-max", tenantAppsMax, ">= 1");
        }
    }

    public static KeepConfig from(ConfigReader config) {
        return new KeepConfig(
                config.integer("keep.releases", DEFAULTS.releases),
                config.integer("keep.builds", DEFAULTS.builds),
                config.integer("keep.records", DEFAULTS.records),
                config.integer("tenant.disk-mib", DEFAULTS.tenantDiskMib),
                config.integer("tenant.apps-max", DEFAULTS.tenantAppsMax));
    }
}
