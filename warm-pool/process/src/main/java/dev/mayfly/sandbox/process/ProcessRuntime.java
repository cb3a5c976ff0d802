package dev.mayfly.sandbox.process;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.LinePump;
import dev.mayfly.sandbox.OutputLimit;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.SpecCheck;
import dev.mayfly.sandbox.Sweep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the program as a plain process of the server's own user. It isolates nothing: no root file system, no limits, no
 * network of its own. For development on machines without privileges; it says so at every start.
 *
 * <p>Without a root of its own a program sees the machine's files, so paths into the image are replaced by those of the
 * unpacked layers wherever they stand in arguments, environment and working directory. A path compiled into a file of the
 * image, such as the first line of a script, is not found.
 */
public final class ProcessRuntime implements SandboxRuntime {
    static final String NAME = "process";

    private static final Logger log = LoggerFactory.getLogger(ProcessRuntime.class);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean isolates() {
        return false;
    }

    @Override
    public Sandbox start(SandboxSpec spec) {
        log.atWarn().addKeyValue("sandbox", spec.id()).log("Starting WITHOUT ANY ISOLATION (runtime class 'process')");
        SpecCheck.limits(spec.limits());
        IoDisk.none(spec.limits(), name());
        Paths paths = new Paths(spec);
        Map<String, String> env = new HashMap<>();
        spec.env().forEach((name, value) -> env.put(name, paths.onHost(value)));
        env.putIfAbsent("PATH", "/usr/local/bin:/usr/bin:/bin");
        env.putIfAbsent("HOME", "/tmp");
        env.putIfAbsent("LANG", "C.UTF-8");
        List<String> argv =
                new ArrayList<>(spec.argv().stream().map(paths::onHost).toList());
        argv.set(0, program(argv.getFirst(), env.getOrDefault("PATH", "")));
        ProcessBuilder builder = new ProcessBuilder(argv)
                .directory(Path.of(paths.onHost(spec.workingDir())).toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().clear();
        builder.environment().putAll(env);
        try {
            return new Running(spec, builder.start());
        } catch (IOException e) {
            throw new MayflyException(
                    ErrorCode.START_FAILED, "cannot start " + spec.argv().getFirst() + ": " + e.getMessage(), e);
        }
    }

    /** The program by the PATH that it gets; this process' own would find the machine's program of that name. */
    private static String program(String name, String path) {
        if (name.contains("/")) {
            return name;
        }
        for (String folder : path.split(":", -1)) {
            Path file = Path.of(folder, name);
            if (file.isAbsolute() && Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file.toString();
            }
        }
        return name;
    }

    @Override
    public Sweep sweep() {
        return Sweep.NOTHING; // Processes of a killed predecessor cannot be told from others.
    }

    @Override
    public SandboxHealth health() {
        return SandboxHealth.NOTHING; // It keeps no books: there is nothing that could be left but a process.
    }

    @Override
    public void close() {}

    /** From paths inside to paths of the unpacked layers. */
    private record Paths(SandboxSpec spec) {
        private static final List<String> ROOTS = List.of("/workspace", "/layers", "/cnb", "/platform");

        String onHost(String text) {
            String mapped = text;
            for (SandboxSpec.Mount mount : spec.mounts()) {
                mapped = mapped.replace(mount.inside(), mount.host().toString());
            }
            for (String root : ROOTS) {
                if (mapped.contains(root)) {
                    mapped = replace(mapped, root);
                }
            }
            return mapped;
        }

        private String replace(String text, String root) {
            StringBuilder out = new StringBuilder();
            for (String part : text.split(":", -1)) {
                out.append(out.isEmpty() ? "" : ":").append(part.startsWith(root) ? find(part) : part);
            }
            return out.toString();
        }

        private String find(String path) {
            return spec.layers().stream()
                    .map(layer -> layer.resolve(path.substring(1)))
                    .filter(Files::exists)
                    .findFirst()
                    .map(Path::toString)
                    .orElse(path);
        }
    }

    private static final class Running implements Sandbox {
        private final SandboxSpec spec;
        private final Process process;
        private final CompletableFuture<SandboxExit> exit = new CompletableFuture<>();

        Running(SandboxSpec spec, Process process) {
            this.spec = spec;
            this.process = process;
            OutputLimit limit = new OutputLimit();
            var out = LinePump.start(
                    process.getInputStream(), limit, line -> spec.output().accept(false, line));
            var err = LinePump.start(
                    process.getErrorStream(), limit, line -> spec.output().accept(true, line));
            process.onExit()
                    .thenAccept(ended -> CompletableFuture.allOf(out, err)
                            .orTimeout(1, TimeUnit.SECONDS)
                            .handle((_, _) ->
                                    exit.complete(new SandboxExit(ended.exitValue(), SandboxExit.Cause.ENDED))));
        }

        @Override
        public String id() {
            return spec.id();
        }

        @Override
        public Optional<String> address() {
            return Optional.empty();
        }

        @Override
        public CompletableFuture<SandboxExit> exit() {
            return exit.copy();
        }

        @Override
        public void terminate() {
            process.destroy();
        }

        @Override
        public void freeze() {
            throw unsupported("freeze");
        }

        @Override
        public void thaw() {
            throw unsupported("thaw");
        }

        @Override
        public SandboxUsage usage() {
            throw unsupported("measure");
        }

        private static MayflyException unsupported(String what) {
            return new MayflyException(ErrorCode.UNSUPPORTED, "runtime class 'process' cannot " + what + " a sandbox");
        }

        @Override
        public List<String> destroy() throws InterruptedException {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly().waitFor();
            return List.of();
        }
    }
}
