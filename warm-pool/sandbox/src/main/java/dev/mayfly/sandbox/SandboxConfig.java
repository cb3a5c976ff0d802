package dev.mayfly.sandbox;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which runtime classes make sandboxes.
 *
 * @param runtime the default; {@code auto} takes the strongest fast one that works here and is not too old for strangers' code,
 *     and {@code process} only where this process has no privileges at all
 * @param offered what an app may choose besides; empty: whatever works here, isolates no less than the default and is not too old
 * @param programs path or name of the program of each class that has one
 * @param dockerSocket of a Docker Engine on this machine
 * @param userNamespaces whether class {@code native} gives each sandbox user ids of its tenant's own, so that no id in it is
 *     one of the machine's
 */
public record SandboxConfig(
        String runtime, List<String> offered, Map<String, String> programs, Path dockerSocket, boolean userNamespaces) {
    /** All classes, in the order in which {@code auto} tries them. */
    public static final List<String> CLASSES = List.of("native", "runc", "crun", "runsc", "kata", "docker", "process");

    private static final Map<String, String> PROGRAMS =
            Map.of("runc", "runc", "crun", "crun", "runsc", "runsc", "kata", "kata-runtime");

    public static final SandboxConfig DEFAULTS =
            new SandboxConfig("auto", List.of(), PROGRAMS, Path.of("/var/run/docker.sock"), true);

    public SandboxConfig {
        if (!runtime.equals("auto") && !CLASSES.contains(runtime)) {
            throw ConfigException.of("sandbox.runtime", "'" + runtime + "'", "auto or one of " + names());
        }
        offered = List.copyOf(offered);
        for (String each : offered) {
            if (!CLASSES.contains(each)) {
                throw ConfigException.of("sandbox.offered", "'" + each + "'", "some of " + names());
            }
        }
        programs = Map.copyOf(programs);
    }

    private static String names() {
        return String.join(", ", CLASSES);
    }

    public static SandboxConfig from(ConfigReader config) {
        Map<String, String> programs = new TreeMap<>();
        PROGRAMS.forEach((name, program) -> programs.put(name, config.string("sandbox." + name + "-program", program)));
        return new SandboxConfig(
                config.string("sandbox.runtime", DEFAULTS.runtime()),
                config.list("sandbox.offered", List.of()),
                programs,
                config.path("sandbox.docker-socket", DEFAULTS.dockerSocket()),
                config.bool("sandbox.user-namespaces", DEFAULTS.userNamespaces()));
    }
}
