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
    private static final Pattern VERSION = Pattern.compile("(?:version|:)\\s+(?:release-|v)?(\\d[^\\s,]{0,60})");

    /**
     * What is known of one runtime class here.
     *
     * @param missing why it does not work; empty if it does
     * @param tooOld why it is not offered to apps although it works, unless the configuration names it
     * @param warning what else speaks against it although it works
     * @param cost what it costs, measured on two cores without hardware virtualisation
     */
    public record Finding(
            String name,
            Optional<String> version,
            Optional<String> missing,
            Optional<String> tooOld,
            Optional<String> warning,
            String cost) {
        public boolean works() {
            return missing.isEmpty();
        }

        /** Whether apps may have it without the operator's word. */
        public boolean isFit() {
            return works() && tooOld.isEmpty();
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
        return new Finding(
                "native", Optional.empty(), missing, Optional.empty(), Optional.empty(), "1 to 2 ms a start");
    }

    private static Finding oci(String name, String program) throws InterruptedException {
        Optional<String> said = said(program);
        Optional<String> version = said.flatMap(RuntimeProbe::version);
        Optional<String> missing =
                said.isEmpty() ? Optional.of("'" + program + "' is not installed" + advice(name)) : machine();
        Optional<String> tooOld = said.isEmpty() ? Optional.empty() : Floors.tooOld(name, version);
        if (name.equals("kata") && missing.isEmpty() && !Files.isReadable(Path.of("/dev/kvm"))) {
            missing = Optional.of("needs /dev/kvm, and it to be usable");
        }
        return new Finding(name, version, missing, tooOld, Optional.empty(), cost(name));
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

    private static Finding docker(Path socket) {
        Optional<String> version = Files.exists(socket) ? DockerRuntime.version(socket) : Optional.empty();
        Optional<String> missing = version.isEmpty()
                ? Optional.of("no Docker Engine answers at " + socket + " (apt-get install docker.io)")
                : machine();
        return new Finding(
                "docker",
                version,
                missing,
                version.isEmpty() ? Optional.empty() : Floors.tooOld("docker", version),
                Optional.empty(),
                "about 500 ms a start, a copy of each image in its store; no functions");
    }

    private static Finding process() {
        return new Finding(
                "process",
                Optional.empty(),
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

    /** What the program says of its version; empty: there is none that runs. */
    private static Optional<String> said(String program) throws InterruptedException {
        try {
            Commands.Result result = Commands.attempt("", List.of(program, "--version"));
            return result.exit() == 0 ? Optional.of(result.output()) : Optional.empty();
        } catch (MayflyException e) {
            return Optional.empty();
        }
    }

    static Optional<String> version(String said) {
        Matcher matcher = VERSION.matcher(said);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
