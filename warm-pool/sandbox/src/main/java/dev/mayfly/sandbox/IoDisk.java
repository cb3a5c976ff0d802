package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The disk that {@code limits.io} is about: the one on which this server's data lies, images and builds included. The kernel
 * limits whole disks, not partitions.
 *
 * @param device its file
 */
public record IoDisk(int major, int minor, Path device) {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Path DEVICES = Path.of("/sys/dev/block");

    /**
     * The disk of what these limits ask for; empty if they ask for none.
     *
     * @param folder of this server's data
     * @throws MayflyException {@code START_FAILED} if this machine cannot limit it
     */
    public static Optional<IoDisk> wanted(SandboxSpec.SandboxLimits limits, Path folder) {
        if (limits.ioMib().isEmpty()) {
            return Optional.empty();
        }
        refusal(folder).ifPresent(why -> {
            throw refused(limits, why);
        });
        return of(folder);
    }

    /** Refuses limits that ask for it, for a class that cannot. */
    public static void none(SandboxSpec.SandboxLimits limits, String runtime) {
        if (limits.ioMib().isPresent()) {
            throw refused(limits, "runtime class '" + runtime + "' cannot limit reads and writes");
        }
    }

    /** Why reads and writes cannot be limited here, if they cannot. */
    public static Optional<String> refusal(Path folder) {
        boolean unified = Files.exists(CGROUPS.resolve("cgroup.controllers"));
        if (unified && !controllers().contains("io")) {
            return Optional.of("this machine's cgroups have no controller 'io'");
        }
        if (!unified && Files.notExists(CGROUPS.resolve("blkio/blkio.throttle.read_bps_device"))) {
            return Optional.of("this machine's cgroups have no 'blkio' that throttles");
        }
        return of(folder).isEmpty()
                ? Optional.of("the data folder lies on a file system that has no disk of its own")
                : Optional.empty();
    }

    /** What is not limited although the rest is, if anything. */
    public static Optional<String> gap() {
        return Files.exists(CGROUPS.resolve("cgroup.controllers"))
                ? Optional.empty()
                : Optional.of("cgroups v1 limit reads and direct writes, not writes by way of the machine's cache");
    }

    private static Set<String> controllers() {
        try {
            return Set.of(Files.readString(CGROUPS.resolve("cgroup.controllers"))
                    .strip()
                    .split(" "));
        } catch (IOException e) {
            return Set.of();
        }
    }

    private static Optional<IoDisk> of(Path folder) {
        try {
            long dev = (Long) Objects.requireNonNull(Files.getAttribute(folder, "unix:dev"));
            // As the C library takes a device number apart.
            long major = (dev >> 8 & 0xfff) | (dev >> 32 & ~0xfffL);
            long minor = (dev & 0xff) | (dev >> 12 & ~0xffL);
            Path place = DEVICES.resolve(major + ":" + minor).toRealPath();
            Path disk = Files.exists(place.resolve("partition")) ? Objects.requireNonNull(place.getParent()) : place;
            String[] number = Files.readString(disk.resolve("dev")).strip().split(":", 2);
            return Optional.of(new IoDisk(
                    Integer.parseInt(number[0]),
                    Integer.parseInt(number[1]),
                    Path.of("/dev", String.valueOf(disk.getFileName()).replace('!', '/'))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static MayflyException refused(SandboxSpec.SandboxLimits limits, String why) {
        return new MayflyException(
                ErrorCode.START_FAILED,
                "limits.io: " + limits.ioMib().orElseThrow() + " MiB (expected: nothing, as " + why + ")");
    }
}
