package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What can be known to fail before anything is made: asked for more than the machine has, or for files that the image has
 * not. Programs that make sandboxes say so late and in words of their own, or follow a link first.
 */
public final class SpecCheck {
    private static final Set<PosixFilePermission> EXECUTABLE = Set.of(
            PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.OTHERS_EXECUTE);

    private SpecCheck() {}

    /** @throws MayflyException {@code START_FAILED} naming the field, its value and what was expected */
    public static void limits(SandboxSpec.SandboxLimits limits) {
        Machine machine = Machine.now();
        long memory = machine.memoryMib();
        if (limits.memoryMib() > memory) {
            throw failed("limits.memory: " + limits.memoryMib() + " MiB", "at most this machine's " + memory + " MiB");
        }
        if (limits.cpus() > machine.processors()) {
            throw failed("limits.cpus: " + limits.cpus(), "at most this machine's " + machine.processors());
        }
        if (limits.pids() > machine.pids()) {
            throw failed("limits.pids: " + limits.pids(), "at most this machine's " + machine.pids());
        }
        if (limits.tmpMib() > memory) {
            throw failed(
                    "limits.tmp: " + limits.tmpMib() + " MiB", "at most this machine's " + memory + " MiB of memory");
        }
    }

    /**
     * Also looks for what the request names in the image.
     *
     * @param root the mounted root file system
     * @throws MayflyException {@code START_FAILED} naming the field, its value and what was expected
     */
    public static void all(SandboxSpec spec, Path root) {
        limits(spec.limits());
        InsideRoot inside = new InsideRoot(root);
        Optional<Path> folder = inside.find(spec.workingDir());
        if (folder.isEmpty() && !isMounted(spec, spec.workingDir())) {
            throw failed("workingDir: '" + spec.workingDir() + "' is not in the image", "a directory");
        }
        if (folder.isPresent() && !Files.isDirectory(folder.get())) {
            throw failed("workingDir: '" + spec.workingDir() + "' is a file", "a directory");
        }
        entry(spec, inside);
        for (SandboxSpec.Mount mount : spec.mounts()) {
            mount(mount, inside);
        }
    }

    private static void entry(SandboxSpec spec, InsideRoot inside) {
        String program = spec.argv().getFirst();
        if (program.contains("/")) {
            String path = program.startsWith("/") ? program : spec.workingDir() + "/" + program;
            if (isMounted(spec, path)) {
                return; // A mount is the host's: the kernel will say.
            }
            Optional<Path> found = inside.find(path);
            if (found.isEmpty()) {
                throw failed("argv[0]: '" + program + "' is not in the image", "an executable file");
            }
            if (!isExecutable(found.get())) {
                throw failed("argv[0]: '" + program + "' cannot be executed", "a file with the right to execute");
            }
            return;
        }
        String folders = spec.env().getOrDefault("PATH", SandboxSpec.PATH);
        boolean found = List.of(folders.split(":")).stream()
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> folder + "/" + program)
                .anyMatch(path -> isMounted(spec, path)
                        || inside.find(path).filter(SpecCheck::isExecutable).isPresent());
        if (!found) {
            throw failed("argv[0]: '" + program + "' is not in the image", "an executable file in one of " + folders);
        }
    }

    private static void mount(SandboxSpec.Mount mount, InsideRoot inside) {
        inside.firstLink(mount.inside()).ifPresent(link -> {
            throw failed(
                    "mount: '" + mount.inside() + "' leads over the symbolic link '" + link + "'",
                    "a path without links");
        });
        Optional<Path> target = inside.find(mount.inside());
        if (target.isEmpty()) {
            throw failed("mount: '" + mount.inside() + "' is not in the image", "a place to mount on");
        }
        if (!Files.exists(mount.host())) {
            throw failed("mount: '" + mount.host() + "' does not exist", "a directory or file of the host");
        }
        if (Files.isDirectory(mount.host()) != Files.isDirectory(target.get(), LinkOption.NOFOLLOW_LINKS)) {
            throw failed(
                    "mount: '" + mount.inside() + "' is "
                            + (Files.isDirectory(target.get()) ? "a directory" : "a file"),
                    "the same kind as '" + mount.host() + "'");
        }
    }

    private static boolean isMounted(SandboxSpec spec, String path) {
        return spec.mounts().stream()
                .anyMatch(mount -> path.equals(mount.inside()) || path.startsWith(mount.inside() + "/"));
    }

    private static boolean isExecutable(Path file) {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Files.getPosixFilePermissions(file).stream().anyMatch(EXECUTABLE::contains);
        } catch (IOException e) {
            return false;
        }
    }

    private static MayflyException failed(String what, String expected) {
        return new MayflyException(ErrorCode.START_FAILED, what + " (expected: " + expected + ")");
    }
}
