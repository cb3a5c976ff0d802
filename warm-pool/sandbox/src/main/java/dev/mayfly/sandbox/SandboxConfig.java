package dev.mayfly.sandbox;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.util.List;

/**
 * Which runtime classes make sandboxes.
 *
 * @param runtime {@code sandbox.runtime}: the default; {@code auto} takes the strongest fast one that works here and is
 *     not too old for strangers' code, and {@code process} only where this process has no privileges at all
 * @param offered {@code sandbox.offered}: what an app may choose besides; empty: whatever works here, isolates no less
 *     than the default and is not too old
 */
public record SandboxConfig(String runtime, List<String> offered) {
    private static final String AUTO = "auto";

    public SandboxConfig {
        offered = List.copyOf(offered);
    }

    /** @param known names of all runtime classes, in the order in which {@code auto} tries them */
    public static SandboxConfig from(ConfigReader config, List<String> known) {
        return new SandboxConfig(config.string("sandbox.runtime", AUTO), config.list("sandbox.offered", List.of()))
                .requireKnown(known);
    }

    /** Whether nobody chose the default. */
    public boolean isAutomatic() {
        return runtime.equals(AUTO);
    }

    /** @throws ConfigException if it names a class that is none of these */
    public SandboxConfig requireKnown(List<String> known) {
        String names = String.join(", ", known);
        if (!isAutomatic() && !known.contains(runtime)) {
            throw ConfigException.of("sandbox.runtime", "'" + runtime + "'", "auto or one of " + names);
        }
        for (String each : offered) {
            if (!known.contains(each)) {
                throw ConfigException.of("sandbox.offered", "'" + each + "'", "some of " + names);
            }
        }
        return this;
    }
}
