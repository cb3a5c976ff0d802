package dev.mayfly.sandbox.choice;

import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.Commands;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.SandboxConfig;
import dev.mayfly.sandbox.docker.DockerRuntime;
import dev.mayfly.sandbox.launcher.NativeRuntime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the machine and says which runtime classes work on it. Changes nothing. */
public final class RuntimeProbe {
    private static final Pattern VERSION = Pattern.compile("version (?:release-)?(\\d[^\\s,]*)");
    private static final Pattern DATE = Pattern.compile("20\\d{6}");

    /** First day of the versions of gVisor that are not older than those of Debian 13. */
    private static final int GVISOR_DATE_MIN = 20_240_101;

    /**
     * What is known of one runtime class here.
     *
     * @param missing why it does not work; empty if it does
     * @param warning what speaks against it although it works
     * @param cost what it costs, measured on two cores without hardware virtualisation
     */
    public record Finding(
            String name, Optional<String> version, Optional<String> missing, Optional<String> warning, String cost) {
        public boolean works() {
            return missing.isEmpty();
        }
    }

    private RuntimeProbe() {}

    /** All classes, in the order in which {@code auto} tries them. */
    public static List<Finding> all(SandboxConfig config) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        for (String name : SandboxConfig.CLASSES) {
            findings.add(
                    switch (name) {
                        case "native" -> ownLauncher();
                        case "docker" -> docker(config.dockerSocket());
                        case "process" -> process();
                        default ->
                            oci(name, Objects.requireNonNull(config.programs().get(name)));
                    });
        }
        return findings;
    }

    private static Finding ownLauncher() {
        Optional<String> missing = NativeRuntime.program().isEmpty() ? Optional.of(NativeRuntime.missing()) : machine();
        return new Finding("native", Optional.empty(), missing, Optional.empty(), "1 to 2 ms a start");
    }

    private static Finding oci(String name, String program) throws InterruptedException {
        Optional<String> version = version(program);
        Optional<String> missing =
                version.isEmpty() ? Optional.of("'" + program + "' is not installed" + advice(name)) : machine();
        Optional<String> warning = version.flatMap(found -> warning(name, found));
        if (name.equals("kata") && missing.isEmpty() && !Files.isReadable(Path.of("/dev/kvm"))) {
            missing = Optional.of("needs /dev/kvm, and it to be usable");
        }
        return new Finding(name, version, missing, warning, cost(name));
    }

    private static String advice(String name) {
        return name.equals("kata")
                ? " (no Debian package; needs a /dev/kvm that works)"
                : " (apt-get install " + name + ")";
    }

    private static String cost(String name) {
        return switch (name) {
            case "runc" -> "22 to 37 ms a start";
            case "crun" -> "9 to 15 ms a start";
            case "runsc" -> "about 200 ms a start, 30 MiB and slower system calls; a kernel of its own";
            case "kata" -> "a virtual machine for each instance";
            default -> "";
        };
    }

    private static Optional<String> warning(String name, String version) {
        return switch (name) {
            // 1.4 has floors of its own: 1.4.0 to 1.4.2 are newer than 1.3.6 and still open.
            case "runc" -> version.startsWith("1.4.") ? floor(version, 1, 4, 3) : floor(version, 1, 3, 6);
            case "runsc" -> {
                Matcher date = DATE.matcher(version);
                yield date.find() && Integer.parseInt(date.group()) < GVISOR_DATE_MIN
                        ? Optional.of("from " + date.group().substring(0, 4) + "; Debian 13 has a newer one")
                        : Optional.empty();
            }
            default -> Optional.empty();
        };
    }

    private static Finding docker(Path socket) {
        Optional<String> version = Files.exists(socket) ? DockerRuntime.version(socket) : Optional.empty();
        Optional<String> missing = version.isEmpty()
                ? Optional.of("no Docker Engine answers at " + socket + " (apt-get install docker.io)")
                : machine();
        return new Finding(
                "docker",
                version,
                missing,
                version.flatMap(found -> floor(found, 29, 4, 3)),
                "about 500 ms a start, a copy of each image in its store; no functions");
    }

    private static Finding process() {
        return new Finding(
                "process",
                Optional.empty(),
                Optional.empty(),
                Optional.of("isolates nothing; for development only"),
                "1 ms a start");
    }

    /** What every class that isolates needs. */
    private static Optional<String> machine() {
        if (!root()) {
            return Optional.of("needs root");
        }
        for (String tool : List.of("ip", "nft", "unshare", "nsenter", "mount")) {
            if (!onPath(tool)) {
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

    private static Optional<String> version(String program) throws InterruptedException {
        try {
            Matcher matcher = VERSION.matcher(
                    Commands.attempt("", List.of(program, "--version")).output());
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (MayflyException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> floor(String version, int... floor) {
        return older(version, floor)
                ? Optional.of("older than " + floor[0] + "." + floor[1] + "." + floor[2]
                        + ", which fixed known ways out of a container; fine for your own code, not for strangers'")
                : Optional.empty();
    }

    static boolean older(String version, int... floor) {
        String[] parts = version.split("[^0-9]+");
        for (int i = 0; i < floor.length; i++) {
            int part = i < parts.length && !parts[i].isEmpty() ? Integer.parseInt(parts[i]) : 0;
            if (part != floor[i]) {
                return part < floor[i];
            }
        }
        return false;
    }
}
