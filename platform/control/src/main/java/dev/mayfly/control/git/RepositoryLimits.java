package dev.mayfly.control.git;

import dev.mayfly.runtime.config.ConfigReader;

/**
 * What the history of one app may take on the server.
 *
 * @param repositoryMibMax {@code git.repository-mib-max}: size of one app's repository; a push that would make it
 *     larger is refused
 * @param repositoryObjectsMax {@code git.repository-objects-max}: objects of one app's repository
 */
record RepositoryLimits(int repositoryMibMax, int repositoryObjectsMax) {
    static final RepositoryLimits DEFAULTS = new RepositoryLimits(2_048, 500_000);

    RepositoryLimits {
        PackLimits.requirePositive("git.repository-mib-max", repositoryMibMax);
        PackLimits.requirePositive("git.repository-objects-max", repositoryObjectsMax);
    }

    static RepositoryLimits from(ConfigReader config) {
        return new RepositoryLimits(
                config.integer("git.repository-mib-max", DEFAULTS.repositoryMibMax),
                config.integer("git.repository-objects-max", DEFAULTS.repositoryObjectsMax));
    }

    long bytesMax() {
        return repositoryMibMax * 1024L * 1024L;
    }
}
