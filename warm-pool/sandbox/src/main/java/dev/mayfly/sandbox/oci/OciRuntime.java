package dev.mayfly.sandbox.oci;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.Commands;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.Roots;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.network.Network;
import dev.mayfly.sandbox.network.NetworkRequest;
import dev.mayfly.sandbox.network.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandboxes by a program that keeps to the OCI runtime specification. One call of it for each sandbox: 9 to 37 ms that a
 * resident launcher would not cost, but it works wherever the program does.
 */
public final class OciRuntime implements SandboxRuntime {
    private static final Logger log = LoggerFactory.getLogger(OciRuntime.class);

    private final String program;
    private final Path folder;
    private final Roots roots;
    private final Networks networks;
    private final Cgroups cgroups;

    /**
     * @param program {@code runc} or {@code crun}
     * @param folder below which everything of its sandboxes lies
     * @param tag four characters that tell this server from others on the machine
     */
    public OciRuntime(String program, Path folder, String tag, Networks networks) {
        MountNamespace.refusal().ifPresent(why -> {
            throw new MayflyException(ErrorCode.UNSUPPORTED, "runtime '" + program + "': " + why);
        });
        this.program = program;
        this.folder = folder;
        this.networks = networks;
        this.cgroups = new Cgroups("mayfly-" + tag);
        try {
            Files.createDirectories(folder.resolve("state"));
            Files.createDirectories(folder.resolve("bundles"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.roots = new Roots(folder.resolve("roots"));
    }

    @Override
    public String name() {
        return program;
    }

    @Override
    public Sandbox start(SandboxSpec spec) throws InterruptedException {
        Path bundle = folder.resolve("bundles").resolve(spec.id());
        Path root = roots.acquire(spec.layers());
        Network network = null;
        try {
            network = networks.claim(new NetworkRequest(spec.id(), spec.tenant(), spec.egress()));
            writeBundle(spec, bundle, root, network);
            Process process = new ProcessBuilder(command("run", "--bundle", bundle.toString(), spec.id()))
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
            return new OciSandbox(this, spec, process, network);
        } catch (IOException e) {
            cleanUp(spec, network);
            throw new MayflyException(
                    ErrorCode.INTERNAL, "cannot make sandbox " + spec.id() + ": " + e.getMessage(), e);
        } catch (RuntimeException | InterruptedException e) {
            cleanUp(spec, network);
            throw e;
        }
    }

    private void writeBundle(SandboxSpec spec, Path bundle, Path root, Network network) throws IOException {
        Files.createDirectories(bundle.resolve("files"));
        Map<String, Path> files = new TreeMap<>();
        for (var file : OciConfig.files(spec.uid(), network.resolvers(), Optional.of(network.address()))
                .entrySet()) {
            Path host = bundle.resolve("files")
                    .resolve(file.getKey().substring(file.getKey().lastIndexOf('/') + 1));
            Files.writeString(host, file.getValue());
            files.put(file.getKey(), host);
        }
        Files.writeString(
                bundle.resolve("config.json"),
                OciConfig.write(spec, root, files, network.namespace(), cgroups.path(spec.id()))
                        .encode());
    }

    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(program, "--root", folder.resolve("state").toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    void signal(String id, String signal) throws InterruptedException {
        Commands.attempt("", command("kill", id, signal));
    }

    void freeze(String id) throws InterruptedException {
        Commands.run("", command("pause", id));
    }

    void thaw(String id) throws InterruptedException {
        Commands.run("", command("resume", id));
    }

    SandboxUsage usage(String id) {
        return cgroups.usage(id);
    }

    /** Ends the sandbox, frees all of it and says what is left. */
    List<String> destroy(SandboxSpec spec, Network network) throws InterruptedException {
        Commands.attempt("", command("delete", "--force", spec.id()));
        cgroups.kill(spec.id());
        cleanUp(spec, network);
        return leftovers(spec.id());
    }

    private void cleanUp(SandboxSpec spec, @org.jspecify.annotations.Nullable Network network)
            throws InterruptedException {
        cgroups.remove(spec.id());
        if (network != null) {
            networks.release(network);
        }
        roots.release(spec.layers());
        deleteTree(folder.resolve("bundles").resolve(spec.id()));
        deleteTree(folder.resolve("state").resolve(spec.id()));
    }

    private List<String> leftovers(String id) {
        List<String> left = new ArrayList<>();
        for (Path cgroup : cgroups.of(id)) {
            left.add("cgroup " + cgroup + " with processes " + cgroups.pids(cgroup));
        }
        for (String kind : List.of("bundles", "state")) {
            Path path = folder.resolve(kind).resolve(id);
            if (Files.exists(path)) {
                left.add("file " + path);
            }
        }
        return left;
    }

    @Override
    public int sweep() throws InterruptedException {
        List<String> found = new ArrayList<>(cgroups.ids());
        try (var states = Files.list(folder.resolve("state"))) {
            states.map(path -> String.valueOf(path.getFileName()))
                    .filter(id -> !found.contains(id))
                    .forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String id : found) {
            log.atInfo().addKeyValue("sandbox", id).log("Destroying what a predecessor left behind");
            Commands.attempt("", command("delete", "--force", id));
            cgroups.kill(id);
            awaitEmpty(id);
            cgroups.remove(id);
            deleteTree(folder.resolve("state").resolve(id));
        }
        deleteTree(folder.resolve("bundles"));
        try {
            Files.createDirectories(folder.resolve("bundles"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.size();
    }

    /** Killed processes leave their cgroup a moment later. */
    private void awaitEmpty(String id) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            if (cgroups.of(id).stream().allMatch(cgroup -> cgroups.pids(cgroup).isEmpty())) {
                return;
            }
            Thread.sleep(20);
        }
    }

    static void deleteTree(Path tree) {
        if (Files.notExists(tree)) {
            return;
        }
        try (var paths = Files.walk(tree)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        roots.close();
        networks.close();
        cgroups.removeParents();
    }
}
