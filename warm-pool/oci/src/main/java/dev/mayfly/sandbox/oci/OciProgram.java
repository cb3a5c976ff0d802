package dev.mayfly.sandbox.oci;

import dev.mayfly.sandbox.HostCommands;
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

    static OciProgram of(OciClass kind, String path) throws InterruptedException {
        return new OciProgram(
                kind.wireName(),
                path,
                kind.options(),
                !kind.bringsKernel()
                        && HostCommands.attempt("", List.of(path, "run", "--help"))
                                .output()
                                .contains("--keep"),
                kind.bringsKernel(),
                kind.view(path));
    }
}
