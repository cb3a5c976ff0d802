package dev.mayfly.sandbox.choice;

import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.Commands;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.launcher.NativeRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the machine and says which runtime classes work on it. Changes nothing. */
public final class RuntimeProbe {
    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)\\.(\\d+)");

    /**
     * What is known of one runtime class here.
     *
     * @param missing why it does not work; empty if it does
     * @param warning what speaks against it although it works
     */
    public record Finding(String name, Optional<String> version, Optional<String> missing, Optional<String> warning) {
        public boolean works() {
            return missing.isEmpty();
        }
    }

    private RuntimeProbe() {}

    /** All classes, strongest first. */
    public static List<Finding> all() throws InterruptedException {
        return List.of(ownLauncher(), runc(), crun(), process());
    }

    private static Finding ownLauncher() throws InterruptedException {
        Optional<String> missing = NativeRuntime.program().isEmpty()
                ? Optional.of(NativeRuntime.missing())
                : oci("unshare", Optional.of(""));
        return new Finding("native", Optional.empty(), missing, Optional.empty());
    }

    private static Finding runc() throws InterruptedException {
        Optional<String> version = version("runc");
        return new Finding(
                "runc", version, oci("runc", version), version.flatMap(found -> floor(found, new int[] {1, 3, 6})));
    }

    private static Finding crun() throws InterruptedException {
        Optional<String> version = version("crun");
        Optional<String> missing = oci("crun", version);
        if (missing.isEmpty() && hybrid() && older(version.orElse(""), new int[] {1, 9, 0})) {
            missing = Optional.of(
                    "crun " + version.orElse("") + " does not know machines with cgroup v1 and v2 side by side");
        }
        return new Finding("crun", version, missing, Optional.empty());
    }

    private static Finding process() {
        return new Finding(
                "process", Optional.empty(), Optional.empty(), Optional.of("isolates nothing; for development only"));
    }

    private static Optional<String> oci(String program, Optional<String> version) throws InterruptedException {
        if (version.isEmpty()) {
            return Optional.of("not installed (apt-get install " + program + ")");
        }
        if (!root()) {
            return Optional.of("needs root");
        }
        for (String tool : List.of("ip", "nft", "unshare", "nsenter", "mount")) {
            if (version(tool).isEmpty() && !onPath(tool)) {
                return Optional.of("needs the command '" + tool + "'");
            }
        }
        return MountNamespace.refusal();
    }

    private static boolean onPath(String tool) {
        return List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin").stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static boolean hybrid() {
        return Files.exists(Path.of("/sys/fs/cgroup/unified"))
                && Files.notExists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    }

    private static Optional<String> version(String program) throws InterruptedException {
        try {
            Matcher matcher = VERSION.matcher(
                    Commands.attempt("", List.of(program, "--version")).output());
            return matcher.find() ? Optional.of(matcher.group().substring("version ".length())) : Optional.empty();
        } catch (MayflyException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> floor(String version, int[] floor) {
        return older(version, floor)
                ? Optional.of("older than " + floor[0] + "." + floor[1] + "." + floor[2]
                        + ", which fixed known ways out of a container; fine for your own code, not for strangers'")
                : Optional.empty();
    }

    private static boolean older(String version, int[] floor) {
        String[] parts = version.split("\\.");
        for (int i = 0; i < floor.length && i < parts.length; i++) {
            int difference = Integer.compare(Integer.parseInt(parts[i]), floor[i]);
            if (difference != 0) {
                return difference < 0;
            }
        }
        return false;
    }
}
