package dev.mayfly.sandbox.oci;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.Roots;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxRegistry;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.SpecCheck;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.network.Network;
import dev.mayfly.sandbox.network.NetworkRequest;
import dev.mayfly.sandbox.network.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sandboxes by a program that keeps to the OCI runtime specification. One call of it for each sandbox: 9 to 37 ms that a
 * resident launcher would not cost, but it works wherever the program does.
 */
public final class OciRuntime implements SandboxRuntime {
    private static final long TRY_AGAIN_NANOS = 30_000_000_000L;

    private static final Logger log = LoggerFactory.getLogger(OciRuntime.class);

    private final OciProgram program;
    private final Optional<OwnView> view;
    private final Path folder;
    private final Roots roots;
    private final Networks networks;
    private final Cgroups cgroups;
    private final Bundles bundles;
    private final SandboxRegistry registry = new SandboxRegistry();

    private volatile long triedNanos = System.nanoTime(); // It was found to work before it was opened.
    private volatile Optional<String> trouble = Optional.empty();

    private OciRuntime(OciProgram program, Optional<OwnView> view, Path folder, String tag, Networks networks) {
        this.program = program;
        this.view = view;
        this.folder = folder;
        this.networks = networks;
        this.cgroups = new Cgroups("mayfly-" + tag + "-" + program.name());
        try {
            Files.createDirectories(folder.resolve("state"));
            this.bundles = Bundles.open(folder.resolve("bundles"), program, view);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.roots = new Roots(folder.resolve("roots"));
        cgroups.weigh();
    }

    /**
     * Opens a class. Its networks stay the caller's.
     *
     * @param program path of the program, or its name on the search path
     * @param run below which everything of this server's sandboxes lies; the class has a folder of its own in it
     * @param tag four characters that tell this server from others on the machine
     */
    public static OciRuntime open(OciClass kind, String program, Path run, String tag, Networks networks)
            throws InterruptedException {
        MountNamespace.refusal().ifPresent(why -> {
            throw new MayflyException(ErrorCode.UNSUPPORTED, "runtime '" + kind.wireName() + "': " + why);
        });
        OciProgram described = OciProgram.of(kind, program);
        Optional<OwnView> view = described.view().isPresent()
                ? Optional.of(OwnView.open(described.view().get(), run))
                : Optional.empty();
        try {
            return new OciRuntime(described, view, run.resolve(kind.wireName()), tag, networks);
        } catch (RuntimeException e) {
            view.ifPresent(OwnView::close);
            throw e;
        }
    }

    @Override
    public String name() {
        return program.name();
    }

    @Override
    public Sandbox start(SandboxSpec spec) throws InterruptedException {
        registry.begins(spec.id());
        Taken taken = new Taken(roots, networks);
        try {
            Path root = taken.root(spec.layers());
            SpecCheck.all(spec, root);
            if (program.bringsKernel()) {
                IoDisk.none(spec.limits(), name()); // Its files are read by a helper outside of the sandbox's cgroup.
            }
            Network network = taken.network(new NetworkRequest(spec.id(), spec.tenant(), spec.egress()));
            Path bundle = bundles.write(spec, root, network, cgroups.path(spec.id()));
            if (program.bringsKernel()) {
                cgroups.create(spec.id(), withKernel(spec.limits()));
            }
            List<String> run = program.keeps() ? command("run", "--keep") : command("run");
            run.addAll(List.of("--bundle", bundle.toString(), spec.id()));
            // Standard input is a pipe that has ended: the machine's own /dev/null would be one file for all.
            Process process = new ProcessBuilder(run).start();
            process.getOutputStream().close();
            OciSandbox sandbox = new OciSandbox(this, spec, process, network.address(), taken);
            if (program.bringsKernel()) {
                sandbox.endWhenKilledForMemory();
            }
            return sandbox;
        } catch (IOException e) {
            undo(spec.id(), taken);
            throw new MayflyException(
                    ErrorCode.INTERNAL, "cannot make sandbox " + spec.id() + ": " + e.getMessage(), e);
        } catch (RuntimeException | InterruptedException | Error e) {
            undo(spec.id(), taken);
            throw e;
        }
    }

    private static SandboxSpec.SandboxLimits withKernel(SandboxSpec.SandboxLimits limits) {
        return new SandboxSpec.SandboxLimits(
                limits.memoryMib() + OciProgram.KERNEL_MEMORY_MIB,
                limits.cpus(),
                limits.pids() + OciProgram.KERNEL_PIDS,
                limits.tmpMib());
    }

    /** What the counters say, where they outlive the sandbox. */
    SandboxExit.Cause cause(String id) {
        return cgroups.cause(id);
    }

    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(view.map(OwnView::enter).orElse(List.of()));
        command.addAll(List.of(program.path(), "--root", folder.resolve("state").toString()));
        command.addAll(program.options());
        command.addAll(List.of(arguments));
        return command;
    }

    void signal(String id, String signal) throws InterruptedException {
        HostCommands.attempt("", command("kill", id, signal));
    }

    void freeze(String id) throws InterruptedException {
        cgroups.freeze(id, true);
    }

    void thaw(String id) throws InterruptedException {
        cgroups.freeze(id, false);
    }

    /** Kills what is in it, frozen or not. */
    void kill(String id) throws InterruptedException {
        cgroups.kill(id);
        if (!cgroups.of(id).isEmpty()) {
            try {
                cgroups.freeze(id, false);
            } catch (MayflyException e) {
                log.atDebug().addKeyValue("sandbox", id).setCause(e).log("Not thawed");
            }
        }
    }

    SandboxUsage usage(String id) {
        return cgroups.usage(id);
    }

    private void undo(String id, Taken taken) throws InterruptedException {
        try {
            taken.giveBack(!program.bringsKernel());
            cgroups.remove(id);
            deleteFiles(id);
        } finally {
            registry.ends(id, leftovers(id));
        }
    }

    /** It could not be destroyed: what is there of it is the sweep's, and what it shares with others is not used again. */
    void abandon(String id, Taken taken) throws InterruptedException {
        try {
            taken.giveBack(false);
        } finally {
            registry.ends(id, List.of("all of " + id));
        }
    }

    /** Ends the sandbox, frees all of it and says what is left. May be called again. */
    List<String> destroy(String id, Taken taken) throws InterruptedException {
        HostCommands.attempt("", command("delete", "--force", id));
        cgroups.kill(id);
        boolean empty = awaitEmpty(id);
        cgroups.remove(id);
        taken.giveBack(empty && !program.bringsKernel()); // gVisor has taken the addresses off its link.
        deleteFiles(id);
        List<String> left = leftovers(id);
        registry.ends(id, left);
        return left;
    }

    List<String> leftovers(String id) {
        List<String> left = new ArrayList<>();
        for (Path cgroup : cgroups.of(id)) {
            left.add("cgroup " + cgroup + " with processes " + cgroups.pids(cgroup));
        }
        states(id).forEach(path -> left.add("file " + path));
        if (Files.exists(bundles.of(id))) {
            left.add("file " + bundles.of(id));
        }
        return left;
    }

    @Override
    public Sweep sweep() throws InterruptedException {
        Set<String> seen = new TreeSet<>(cgroups.ids());
        seen.addAll(idsOfStates());
        seen.addAll(bundles.ids());
        seen.addAll(registry.quarantined());
        int found = 0;
        List<String> left = new ArrayList<>();
        for (String id : seen) {
            if (registry.lives(id)) {
                continue;
            }
            // Looked at after the books: what has ended meanwhile is gone, or is in quarantine.
            if (leftovers(id).isEmpty()) {
                registry.swept(id, List.of());
                continue;
            }
            List<String> what = destroyLeft(id);
            left.addAll(what);
            found += registry.swept(id, what) ? 1 : 0;
        }
        Sweep ofRoots = roots.sweep();
        left.addAll(ofRoots.left());
        return new Sweep(found + ofRoots.found(), left);
    }

    /** Destroys what is nobody's and says what does not go. */
    private List<String> destroyLeft(String id) throws InterruptedException {
        log.atInfo().addKeyValue("sandbox", id).log("Destroying what belongs to no sandbox that lives");
        try {
            kill(id);
            HostCommands.attempt("", command("delete", "--force", id));
            cgroups.kill(id);
            awaitEmpty(id);
            cgroups.remove(id);
            deleteFiles(id);
        } catch (UncheckedIOException e) {
            log.atDebug().addKeyValue("sandbox", id).setCause(e).log("Something of it does not go");
        }
        return leftovers(id);
    }

    /** What does not go is found by who looks for leftovers. */
    private void deleteFiles(String id) throws InterruptedException {
        try {
            bundles.delete(id);
            states(id).forEach(OciRuntime::deleteTree);
        } catch (UncheckedIOException e) {
            log.atDebug().addKeyValue("sandbox", id).setCause(e).log("A file of it does not go");
        }
    }

    /** Whether the program still runs; tried twice a minute. */
    @Override
    public Optional<String> trouble() throws InterruptedException {
        long now = System.nanoTime();
        if (now - triedNanos > TRY_AGAIN_NANOS) {
            trouble = Optional.of(HostCommands.attempt("", List.of(program.path(), "--version")))
                    .filter(result -> result.exit() != 0)
                    .map(result -> program.path() + " --version ends with " + result.exit());
            triedNanos = now; // Not if it threw: then it is asked again at once.
        }
        return trouble;
    }

    @Override
    public SandboxHealth health() {
        return registry.health(roots.count());
    }

    private Set<String> idsOfStates() {
        try (var all = Files.list(folder.resolve("state"))) {
            return all.map(OciRuntime::idOf).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A folder of the sandbox' name; with gVisor ID_sandbox:ID.state, ID_sandbox:ID.lock and runsc-ID.sock. */
    private static String idOf(Path state) {
        return String.valueOf(state.getFileName()).replaceFirst("_sandbox:.*|^runsc-(.*)\\.sock$", "$1");
    }

    private List<Path> states(String id) {
        try (var states = Files.list(folder.resolve("state"))) {
            return states.filter(state -> idOf(state).equals(id)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Killed processes leave their cgroup a moment later. Returns whether they have. */
    private boolean awaitEmpty(String id) throws InterruptedException {
        for (int i = 0; i < 100; i++) {
            if (cgroups.of(id).stream().allMatch(cgroup -> cgroups.pids(cgroup).isEmpty())) {
                return true;
            }
            Thread.sleep(20);
        }
        return false;
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
        view.ifPresent(OwnView::close);
        cgroups.removeParents();
    }
}
