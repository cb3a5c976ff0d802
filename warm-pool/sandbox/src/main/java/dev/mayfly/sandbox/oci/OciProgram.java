package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.Commands;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What sets one program that keeps to the OCI runtime specification apart from the others.
 *
 * @param name the runtime class
 * @param path of the program, or its name
 * @param options that go before the command
 * @param keeps whether it can leave a sandbox' cgroup, with its counters, until it is told to delete it
 * @param bringsKernel whether it runs a kernel of its own as a process, in our cgroup: that needs memory and threads of its
 *     own, and the cgroup must be ours, as it takes one that it made along when it ends
 * @param view what it must not see of this machine, as a command of {@link OwnView}
 */
record OciProgram(
        String name, String path, List<String> options, boolean keeps, boolean bringsKernel, Optional<String> view) {
    /** What a kernel of its own may use on top of the program's memory: gVisor's uses about 30 MiB when idle. */
    static final int KERNEL_MEMORY_MIB = 64;

    /** Threads of such a kernel on top of the program's; each of its processes is one of the host as well. */
    static final int KERNEL_PIDS = 64;

    private static final List<String> GVISOR =
            List.of("--network=sandbox", "--host-uds=create", "--oci-seccomp", "--overlay2=none");

    /** @param name runc, crun, runsc or kata */
    static OciProgram of(String name, String path) throws InterruptedException {
        boolean gvisor = name.equals("runsc");
        return new OciProgram(
                name,
                path,
                gvisor ? GVISOR : List.of(),
                !gvisor && help(path, "run", "--help").contains("--keep"),
                gvisor,
                view(name, path));
    }

    private static Optional<String> view(String name, String path) throws InterruptedException {
        return switch (name) {
            case "crun" -> isHybrid() && !knowsHybrid(path) ? Optional.of(OwnView.WITHOUT_UNIFIED) : Optional.empty();
            case "runsc" ->
                showsSettingsInEveryNetwork() ? Optional.of(OwnView.WITHOUT_NETWORK_SETTINGS) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean showsSettingsInEveryNetwork() throws InterruptedException {
        return Commands.attempt("", List.of("unshare", "--net", "test", "-e", "/proc/sys/net/core/rmem_default"))
                        .exit()
                == 0;
    }

    /** Version 1 with version 2 beside it, as systemd calls "hybrid". */
    static boolean isHybrid() {
        return Files.exists(Path.of("/sys/fs/cgroup/unified/cgroup.controllers"))
                && Files.notExists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    }

    /** crun learned it with 1.9. */
    private static boolean knowsHybrid(String path) throws InterruptedException {
        return !help(path, "--version").matches("(?s).*crun version (0|1\\.[0-8])(\\..*|\\s.*)");
    }

    private static String help(String path, String... arguments) throws InterruptedException {
        java.util.ArrayList<String> command = new java.util.ArrayList<>(List.of(path));
        command.addAll(List.of(arguments));
        return Commands.attempt("", command).output();
    }
}
