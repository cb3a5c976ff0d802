package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.Strength;
import dev.mayfly.sandbox.VersionFloor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The runtime classes whose programs keep to the OCI runtime specification, and what sets each apart. */
public enum OciClass {
    RUNC("runc", Strength.SHARED_KERNEL, "22 to 37 ms a start", " (apt-get install runc)") {
        @Override
        Optional<String> tooOld(String version) {
            // 1.4 has a floor of its own: 1.4.0 to 1.4.2 are newer than 1.3.6 and still open.
            return version.startsWith("1.4")
                    ? VersionFloor.tooOld(version, 1, 4, 3)
                    : VersionFloor.tooOld(version, 1, 3, 6);
        }
    },
    CRUN("crun", Strength.SHARED_KERNEL, "9 to 15 ms a start", " (apt-get install crun)") {
        @Override
        Optional<String> tooOld(String version) {
            return VersionFloor.tooOld(version, 1, 20, 0);
        }

        @Override
        Optional<String> view(String program) throws InterruptedException {
            return isHybrid() && !knowsHybrid(program) ? Optional.of(OwnView.WITHOUT_UNIFIED) : Optional.empty();
        }
    },
    RUNSC(
            "runsc",
            Strength.OWN_KERNEL,
            "about 200 ms a start, 30 MiB and slower system calls; a kernel of its own",
            " (apt-get install runsc)") {
        @Override
        Optional<String> tooOld(String version) {
            Matcher date = DATE.matcher(version);
            if (!date.find()) {
                return Optional.of("its version has no date");
            }
            return Integer.parseInt(date.group()) < GVISOR_DATE_MIN
                    ? Optional.of("from " + date.group().substring(0, 4)
                            + ": bombs make it hang and it does not keep limits.cpus; Debian 13's is newer")
                    : Optional.empty();
        }

        @Override
        boolean bringsKernel() {
            return true;
        }

        @Override
        List<String> options() {
            return List.of("--network=sandbox", "--host-uds=create", "--oci-seccomp", "--overlay2=none");
        }

        @Override
        Optional<String> view(String program) throws InterruptedException {
            return showsSettingsInEveryNetwork() ? Optional.of(OwnView.WITHOUT_NETWORK_SETTINGS) : Optional.empty();
        }
    },
    KATA(
            "kata",
            Strength.OWN_MACHINE,
            "a virtual machine for each instance",
            " (no Debian package; needs a /dev/kvm that works)") {
        @Override
        Optional<String> tooOld(String version) {
            return Optional.empty();
        }

        @Override
        Optional<String> withoutVersion() {
            return Optional.empty();
        }

        @Override
        Optional<String> missing() {
            return Files.isReadable(Path.of("/dev/kvm"))
                    ? Optional.empty()
                    : Optional.of("needs /dev/kvm, and it to be usable");
        }
    };

    private static final Pattern VERSION = Pattern.compile("(?:version|:)\\s+(?:release-|v)?(\\d[^\\s,]{0,60})");
    private static final Pattern DATE = Pattern.compile("(?<!\\d)20\\d{6}(?!\\d)");

    /** First day of the versions of gVisor that are not older than those of Debian 13. */
    private static final int GVISOR_DATE_MIN = 20_240_101;

    private final String wireName;
    private final Strength strength;
    private final String cost;
    private final String advice;

    OciClass(String wireName, Strength strength, String cost, String advice) {
        this.wireName = wireName;
        this.strength = strength;
        this.cost = cost;
        this.advice = advice;
    }

    /** As apps and the configuration name it. */
    public String wireName() {
        return wireName;
    }

    Strength strength() {
        return strength;
    }

    /** What a start costs, for people. */
    String cost() {
        return cost;
    }

    /** Where its program comes from. */
    String advice() {
        return advice;
    }

    /** Why this version is too old for strangers' code; empty: it is not, or the class has no floor. */
    abstract Optional<String> tooOld(String version);

    /** The same where the version cannot be read. */
    Optional<String> withoutVersion() {
        return Optional.of("its version cannot be read");
    }

    /** What it needs beside its program and what all classes need. */
    Optional<String> missing() {
        return Optional.empty();
    }

    /** Whether it runs a kernel of its own as a process, in our cgroup. */
    boolean bringsKernel() {
        return false;
    }

    /** That go before each of its program's commands. */
    List<String> options() {
        return List.of();
    }

    /** What its program must not see of this machine, as a command of {@link OwnView}. */
    Optional<String> view(String program) throws InterruptedException {
        return Optional.empty();
    }

    /** @param said what the program says of its version; empty: nothing */
    static Optional<String> version(String said) {
        Matcher matcher = VERSION.matcher(said);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static boolean showsSettingsInEveryNetwork() throws InterruptedException {
        return HostCommands.attempt("", List.of("unshare", "--net", "test", "-e", "/proc/sys/net/core/rmem_default"))
                        .exit()
                == 0;
    }

    /** Version 1 with version 2 beside it, as systemd calls "hybrid". */
    private static boolean isHybrid() {
        return Files.exists(Path.of("/sys/fs/cgroup/unified/cgroup.controllers"))
                && Files.notExists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    }

    /** crun learned it with 1.9. */
    private static boolean knowsHybrid(String program) throws InterruptedException {
        return !HostCommands.attempt("", List.of(program, "--version"))
                .output()
                .matches("(?s).*crun version (0|1\\.[0-8])(\\..*|\\s.*)");
    }
}
