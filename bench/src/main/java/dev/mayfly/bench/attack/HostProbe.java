package dev.mayfly.bench.attack;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What no attack may change on the machine: its mounts, and what its root may still ask of the kernel. */
final class HostProbe {
    private static final int ASKED = 8;
    private static final int CLOSE_ON_EXEC = 02000000;

    private final String mounts;

    HostProbe() throws IOException {
        mounts = mounts();
    }

    /** One line for each thing that is not as it was. */
    List<String> changes() throws IOException {
        List<String> changes = new ArrayList<>();
        if (!mounts().equals(mounts)) {
            changes.add("the machine's mounts are others");
        }
        if (!canWatchFiles()) {
            changes.add("root can make no inotify instance");
        }
        return changes;
    }

    /** Of whoever started this process, which has a mount namespace of its own. */
    private static String mounts() throws IOException {
        long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(1L);
        return Files.readString(Path.of("/proc", String.valueOf(parent), "mountinfo"));
    }

    /** Whether this user, root, may make some inotify instances: how many is counted for each user of the machine. */
    static boolean canWatchFiles() {
        List<Integer> opened = new ArrayList<>();
        int last = 0;
        while (last >= 0 && opened.size() < ASKED) {
            last = call("inotify_init1", CLOSE_ON_EXEC);
            if (last >= 0) {
                opened.add(last);
            }
        }
        opened.forEach(each -> call("close", each));
        return last >= 0;
    }

    /** A function of the C library that takes and returns a number. */
    private static int call(String function, int argument) {
        Linker linker = Linker.nativeLinker();
        MethodHandle handle = linker.downcallHandle(
                linker.defaultLookup().findOrThrow(function),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            return (int) handle.invokeExact(argument);
        } catch (Throwable e) {
            throw new IllegalStateException(function, e);
        }
    }
}
