package dev.mayfly.bench.peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mayfly.bench.report.Report;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An OCI program on its command line, {@code crun run ID}: the peer without any of our code. Its container is that of
 * {@link Floor}: the same root and program, namespaces, a network without links, a cgroup with limits, no system call filter.
 */
public final class BareProgram implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;
    private static final AtomicLong NEXT = new AtomicLong();
    private static final String CONFIG = """
        {
          "ociVersion": "1.0.2",
          "process": {
            "user": {"uid": 12345, "gid": 12345}, "args": ["/bin/noop"], "cwd": "/", "noNewPrivileges": true,
            "env": ["PATH=/bin"], "capabilities": {"bounding": [], "effective": [], "permitted": []}
          },
          "root": {"readonly": true},
          "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]},
            {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "size=16m"]}
          ],
          "linux": {
            "namespaces": [
              {"type": "pid"}, {"type": "mount"}, {"type": "ipc"}, {"type": "uts"}, {"type": "network"}
            ],
            "resources": {
              "memory": {"limit": 268435456}, "pids": {"limit": 64}, "cpu": {"quota": 100000, "period": 100000}
            }
          }
        }
        """;

    /** Shows the programs that follow a machine without version 2 of cgroups beside version 1, until its input ends. */
    private static final String VIEW = "umount --lazy /sys/fs/cgroup/unified && echo ready && exec cat";

    private final String name;
    private final Path state;
    private final Path bundles;
    private final ObjectNode config;
    private List<String> enter = List.of();
    private @Nullable Process view;

    private BareProgram(String name, Path folder, Path root) throws IOException {
        this.name = name;
        this.state = Files.createDirectories(folder.resolve("bare-" + name + "/state"));
        this.bundles = Files.createDirectories(folder.resolve("bare-" + name + "/bundles"));
        this.config = (ObjectNode) new ObjectMapper().readTree(CONFIG);
        config.withObject("/root").put("path", root.toString());
    }

    /** Empty if it does not run here, with a note why. */
    public static Optional<BareProgram> open(String name, Path folder, Path root, Report report)
            throws IOException, InterruptedException {
        BareProgram program = new BareProgram(name, folder, root);
        try {
            program.tryOut(report);
            return Optional.of(program);
        } catch (IOException e) {
            program.close();
            report.note(name + " on its command line is not measured: " + e.getMessage());
            return Optional.empty();
        }
    }

    /** As its rows call it. */
    public String name() {
        return "bare-" + name;
    }

    /** Older crun refuses a machine with both versions of cgroups: then it is shown one of them. */
    private void tryOut(Report report) throws IOException, InterruptedException {
        try {
            run();
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("hybrid")) {
                throw e;
            }
            Process shown = new ProcessBuilder("unshare", "--mount", "--propagation", "private", "sh", "-c", VIEW)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            view = shown;
            if (!"ready".equals(shown.inputReader().readLine())) {
                throw e;
            }
            enter = List.of("nsenter", "--mount=/proc/" + shown.pid() + "/ns/mnt", "--");
            run();
            report.note(name + " on its command line runs behind nsenter, which is in its figures: it refuses a machine"
                    + " with both versions of cgroups");
        }
    }

    @Override
    public void close() {
        if (view != null) {
            view.destroyForcibly();
        }
    }

    /** Creates, runs, deletes one. */
    public void run() throws IOException, InterruptedException {
        String id = "bare-" + ProcessHandle.current().pid() + "-" + NEXT.incrementAndGet();
        Path bundle = Files.createDirectory(bundles.resolve(id));
        Files.writeString(bundle.resolve("config.json"), withCgroup(id));
        List<String> command = new ArrayList<>(enter);
        command.addAll(List.of(name, "--root", state.toString(), "run", "--bundle", bundle.toString(), id));
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(bundle.resolve("errors").toFile())
                .start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(name + " did not run its container: "
                        + Files.readString(bundle.resolve("errors")).strip());
            }
        } finally {
            process.destroyForcibly();
        }
        Files.delete(bundle.resolve("config.json"));
        Files.delete(bundle.resolve("errors"));
        Files.delete(bundle);
    }

    /** At the top, so that the program takes all of it away. */
    private String withCgroup(String id) {
        ObjectNode own = config.deepCopy();
        own.withObject("/linux").put("cgroupsPath", "/" + id);
        return own.toString();
    }
}
