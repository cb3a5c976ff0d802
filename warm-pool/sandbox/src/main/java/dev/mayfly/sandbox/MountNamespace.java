package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The guard before every mount. This process must be in a mount namespace of its own: then nothing it mounts is seen by the
 * machine, and all of it goes with the process. One missed check could replace the root of the whole machine.
 */
public final class MountNamespace {
    /** Once it has been proved it stays true: a JVM never changes its namespace, but its parent may die. */
    private static volatile boolean proved;

    private MountNamespace() {}

    /** Why this process may not mount, or empty if it may. */
    public static Optional<String> refusal() {
        if (proved) {
            return Optional.empty();
        }
        Optional<String> why = look();
        proved = why.isEmpty();
        return why;
    }

    private static Optional<String> look() {
        long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(1L);
        return refusal(
                Path.of("/proc/self/ns/mnt"),
                Path.of("/proc/" + parent + "/ns/mnt"),
                Path.of("/proc/1/ns/mnt"),
                Path.of("/proc/self/mountinfo"));
    }

    /** The parent's must be readable and another one; process 1 may be hidden from us, but if it is not, so must its be. */
    static Optional<String> refusal(Path own, Path parent, Path first, Path mounts) {
        try {
            Path mine = Files.readSymbolicLink(own);
            if (Files.readSymbolicLink(parent).equals(mine) || isSame(first, mine)) {
                return Optional.of(
                        "this process shares its mount namespace with its parent or process 1"
                                + " (expected: one of its own; ./mayfly starts it under unshare --mount --propagation private)");
            }
            if (Files.readAllLines(mounts).stream()
                    .anyMatch(line -> line.split(" ")[4].equals("/") && line.contains(" shared:"))) {
                return Optional.of(
                        "the root's mounts are shared with another namespace (expected: private propagation)");
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot tell which mount namespace this is: " + e.getMessage());
        }
    }

    private static boolean isSame(Path other, Path mine) {
        try {
            return Files.readSymbolicLink(other).equals(mine);
        } catch (IOException e) {
            return false;
        }
    }

    /** @throws MayflyException {@code UNSUPPORTED} if this process may not mount */
    public static void require() {
        refusal().ifPresent(why -> {
            throw new MayflyException(ErrorCode.UNSUPPORTED, "refusing to mount: " + why);
        });
    }
}
