package dev.mayfly.builders.toolchains.host;

import dev.mayfly.builders.image.TiedCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Packages of any suite of Debian, unpacked without being installed. apt verifies their signatures.
 *
 * @param mirror URL; empty: Debian's own
 * @param staleSuites suites whose index may be past its date, as it is on a mirror that was frozen
 * @param environment of apt, besides that of this process: its proxies
 */
public record DebianPackages(Optional<String> mirror, Set<String> staleSuites, Map<String, String> environment) {
    public DebianPackages {
        staleSuites = Set.copyOf(staleSuites);
        environment = Map.copyOf(environment);
    }

    /** Unpacks these packages and all that they depend on into {@code directory}, which must not be there yet. */
    void extract(String suite, List<String> packages, Path directory) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "mmdebstrap",
                "--mode=root",
                "--variant=extract",
                "--quiet",
                "--include=" + String.join(",", packages)));
        if (staleSuites.contains(suite)) {
            command.add("--aptopt=Acquire::Check-Valid-Until \"false\"");
        }
        command.addAll(List.of(suite, directory.toString()));
        mirror.ifPresent(command::add);
        PackageClients.run(Path.of("/"), environment, TiedCommand.contained(command));
    }
}
