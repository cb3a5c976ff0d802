package dev.mayfly.sandbox.oci;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.MountNamespace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A mount namespace in which one runtime program sees this machine as it needs to. It is held by one small process, which
 * ends with this one. What this server mounts and unmounts below its folder is mounted and unmounted in there as well, so
 * nothing stays in use in there after it is gone here.
 */
final class OwnView implements AutoCloseable {
    private static final int READY_MS_MAX = 5_000;
    private static final String HOLD = " && echo ready && exec cat";

    /** For a crun that fails where cgroup versions 1 and 2 lie side by side. */
    static final String WITHOUT_UNIFIED = "umount --lazy /sys/fs/cgroup/unified";

    /**
     * For gVisor, which takes a network namespace for the machine's own, and refuses it, if there is
     * /proc/sys/net/core/rmem_default: newer kernels show that in every one.
     */
    static final String WITHOUT_NETWORK_SETTINGS = "mount -t tmpfs -o ro mayfly /proc/sys/net";

    private final Process holder;

    private OwnView(Process holder) {
        this.holder = holder;
    }

    /**
     * @param change one of the commands above
     * @param run folder of this server's sandboxes, given to {@link #share} before anything was mounted below it
     */
    static OwnView open(String change, Path run) throws InterruptedException {
        MountNamespace.require();
        share(run);
        Process holder;
        try {
            holder = new ProcessBuilder("unshare", "--mount", "--propagation", "slave", "sh", "-c", change + HOLD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread guard = Thread.ofVirtual().start(() -> endUnlessInterrupted(holder));
        try {
            String line = new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))
                    .readLine();
            if (!"ready".equals(line)) {
                throw new MayflyException(
                        ErrorCode.UNSUPPORTED,
                        "cannot make a mount namespace with '" + change + "' for a runtime program");
            }
            return new OwnView(holder);
        } catch (IOException e) {
            holder.destroyForcibly();
            throw new UncheckedIOException(e);
        } finally {
            guard.interrupt();
        }
    }

    private static void endUnlessInterrupted(Process holder) {
        try {
            TimeUnit.MILLISECONDS.sleep(READY_MS_MAX);
            holder.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // It is ready.
        }
    }

    /** Makes the folder a mount whose changes other namespaces may follow. Again is fine. */
    static void share(Path run) throws InterruptedException {
        MountNamespace.require();
        try {
            Files.createDirectories(run);
            String place = run.toRealPath().toString();
            if (!isMount(place)) {
                HostCommands.run("mount", "--bind", place, place);
                HostCommands.run("mount", "--make-shared", place);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Undoes {@link #share}. Again is fine. */
    static void unshare(Path run) throws InterruptedException {
        MountNamespace.require();
        try {
            String place = Files.exists(run) ? run.toRealPath().toString() : "";
            if (isMount(place)) {
                HostCommands.attempt("", List.of("umount", "--lazy", place));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isMount(String place) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .anyMatch(line -> line.split(" ")[4].equals(place.replace(" ", "\\040")));
    }

    /** What goes before a command that shall run in there. */
    List<String> enter() {
        return List.of("nsenter", "--mount=/proc/" + holder.pid() + "/ns/mnt", "--");
    }

    @Override
    public void close() {
        holder.destroyForcibly();
    }
}
