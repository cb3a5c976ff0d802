package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.SandboxExit;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The end of a sandbox as the launcher tells it, after all of its output.
 *
 * @param left what could not be freed; empty but for a fault of the machine
 */
record Exit(String id, SandboxExit how, Duration cpu, long memoryPeakBytes, List<String> left) {
    private static final SandboxExit.Cause[] CAUSES = {
        SandboxExit.Cause.ENDED,
        SandboxExit.Cause.OOM_KILLED,
        SandboxExit.Cause.PIDS_LIMIT,
        SandboxExit.Cause.RUNTIME_LOST
    };

    static Exit read(ByteBuffer in) {
        String id = Frame.readText(in);
        SandboxExit how = new SandboxExit(in.getInt(), CAUSES[in.get()]);
        Duration cpu = Duration.ofNanos(in.getLong());
        long peak = in.getLong();
        return new Exit(id, how, cpu, peak, readLeft(in));
    }

    static Exit lost(String id) {
        return new Exit(id, new SandboxExit(128 + 9, SandboxExit.Cause.RUNTIME_LOST), Duration.ZERO, 0, List.of());
    }

    static List<String> readLeft(ByteBuffer in) {
        List<String> left = new ArrayList<>();
        for (int count = in.getInt(); count > 0; count--) {
            left.add(Frame.readText(in));
        }
        return List.copyOf(left);
    }
}
