package dev.mayfly.server.doctor;

import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.RuntimeFinding;
import dev.mayfly.sandbox.Strength;
import dev.mayfly.server.RuntimeProviders;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code ./mayfly doctor}: one line for each thing that Mayfly can use, with what its absence costs. Changes nothing. */
public final class Doctor {
    /** @param cost what is not possible without it; empty if it is there */
    record Finding(String name, State state, String cost) {
        Finding(String name, boolean there, boolean needed, String cost) {
            this(name, there ? State.OK : needed ? State.MISSING : State.LACKS, cost);
        }
    }

    enum State {
        OK,
        /** There, and used only if the configuration says so. */
        OLD,
        /** Nothing works without it. */
        MISSING,
        LACKS
    }

    private Doctor() {}

    public static void main(String[] arguments) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding("JDK " + Runtime.version().feature(), true, true, ""));
        boolean container = false;
        for (RuntimeFinding each :
                RuntimeProviders.from(ConfigReader.of(Map.of())).probe()) {
            boolean works = each.works();
            container |= each.isFit() && each.strength() != Strength.NONE;
            String version = each.version().map(found -> " " + found).orElse("");
            State state = each.isFit() ? State.OK : works ? State.OLD : State.LACKS;
            findings.add(new Finding("runtime " + each.name() + version, state, tell(each)));
        }
        findings.add(program("nft", "nftables", "apps reach nothing and cannot be kept from anything"));
        findings.add(program("ip", "iproute2", "containers get no network"));
        findings.add(program("mmdebstrap", "mmdebstrap", "base images cannot be made"));
        findings.add(program("unshare", "util-linux", "the server's mounts would be the machine's"));
        findings.add(program("git", "git", "mayfly up cannot deploy its first app"));
        findings.add(program("npm", "npm", "apps in Node.js cannot be built; neither can the console"));
        findings.add(program("cc", "gcc", "the launcher of runtime class native cannot be built"));
        findings.add(program("tar", "tar", "base images and toolchains cannot be unpacked"));
        boolean v2 = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
        boolean v1 = Files.isDirectory(Path.of("/sys/fs/cgroup/memory"));
        findings.add(new Finding(
                "cgroups " + (v2 ? "v2" : "v1"), v1 || v2, false, "memory and CPU of apps are not limited"));
        Optional<String> noIo = IoDisk.refusal(Path.of("").toAbsolutePath());
        findings.add(new Finding(
                "limits.io" + (IoDisk.gap().isPresent() ? ", direct writes only" : ""),
                noIo.isEmpty(),
                false,
                "apps that have it do not start: " + noIo.orElse("")));
        boolean broken = false;
        for (Finding each : findings) {
            boolean there = each.state() == State.OK;
            System.out.printf(
                    "%-30s %-8s %s%n",
                    each.name(),
                    each.state().name().toLowerCase(Locale.ROOT),
                    there && !each.name().startsWith("runtime") ? "" : each.cost());
            broken |= each.state() == State.MISSING;
        }
        if (!container) {
            System.out.println(
                    "No container runtime that is fit for strangers' code works here: without root apps run without"
                            + " isolation; with root the server does not start until sandbox.runtime names one.");
        }
        System.exit(broken ? 1 : 0);
    }

    /** Why it does not work; if it does, what it costs and what speaks against it. */
    private static String tell(RuntimeFinding finding) {
        return finding.missing()
                .orElseGet(() -> finding.cost()
                        + finding.warning().map(why -> "; " + why).orElse("")
                        + finding.tooOld()
                                .map(why -> "; " + why
                                        + "; not offered to apps unless sandbox.runtime or sandbox.offered names it")
                                .orElse(""));
    }

    private static Finding program(String program, String debianPackage, String cost) {
        Optional<Path> found = Optional.empty();
        String path = Optional.ofNullable(ConfigReader.processEnvironment().get("PATH"))
                .orElse("/usr/bin:/usr/sbin");
        for (String directory : path.split(File.pathSeparator, -1)) {
            Path candidate = Path.of(directory, program);
            if (Files.isExecutable(candidate)) {
                found = Optional.of(candidate);
                break;
            }
        }
        return new Finding(
                debianPackage, found.isPresent(), false, cost + " (Debian: apt-get install " + debianPackage + ")");
    }
}
