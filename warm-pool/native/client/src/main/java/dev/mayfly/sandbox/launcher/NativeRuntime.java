package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.Zygote;
import dev.mayfly.sandbox.GenericSandbox;
import dev.mayfly.sandbox.IoDisk;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxBinding;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.ShortFolder;
import dev.mayfly.sandbox.SpecCheck;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.network.Network;
import dev.mayfly.sandbox.network.NetworkRequest;
import dev.mayfly.sandbox.network.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runtime class {@code native}: sandboxes by our own launcher, in about a millisecond each. If the launcher dies, its
 * sandboxes die with it or are taken over by the next one, as this server has asked for.
 */
public final class NativeRuntime implements SandboxRuntime {
    static final String NAME = "native";

    private static final Logger log = LoggerFactory.getLogger(NativeRuntime.class);
    private static final int READY_SHELLS = 8;
    private static final int USER_NAMESPACE = 1;
    private static final int GENERIC = 2;

    /** Whoever destroys what has ended does so at once; past this nobody does. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(30);

    /** What of a release's root appears in a generic sandbox: all that a build writes, and where it asks for names. */
    private static final List<String> BOUND_PATHS = List.of("/workspace", "/layers", "/etc/resolv.conf");

    private final Path program;
    private final Path folder;
    private final String tag;
    private final Duration keep;
    private final Duration zygoteAge;
    private final String cgroup;
    private final Networks networks;
    private final int flags;

    /** From before anything of them is claimed for good until all of it is given back. */
    private final Map<String, NativeSandbox> held = new ConcurrentHashMap<>();

    private LauncherClient launcher;
    private volatile boolean closed;

    /**
     * Its networks stay the caller's.
     *
     * @param folder below which everything of its sandboxes lies
     * @param tag four characters that tell this server from others on the machine
     * @param userNamespaces whether sandboxes get user ids of their tenant's own
     * @param keep how long sandboxes of a launcher or server that was killed wait for a successor; 0: they die with it
     * @throws MayflyException {@code UNSUPPORTED} if the launcher is not there or does not start, saying why
     */
    public NativeRuntime(Path folder, String tag, Networks networks, boolean userNamespaces, Duration keep)
            throws InterruptedException {
        this(folder, tag, networks, userNamespaces, keep, Zygotes.AGE_MAX);
    }

    NativeRuntime(Path folder, String tag, Networks networks, boolean userNamespaces, Duration keep, Duration zygoteAge)
            throws InterruptedException {
        this.zygoteAge = zygoteAge;
        this.program = program().orElseThrow(() -> new MayflyException(ErrorCode.UNSUPPORTED, missing()));
        this.folder = folder;
        this.tag = tag;
        this.keep = keep;
        this.cgroup = "mayfly-" + tag;
        this.networks = networks;
        this.flags = userNamespaces ? USER_NAMESPACE : 0;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.launcher = launch(READY_SHELLS, List.of());
    }

    private LauncherClient launch(int ready, List<NativeSandbox> survivors) throws InterruptedException {
        Path socket = ShortFolder.make(tag).resolve("launcher.sock");
        return LauncherClient.start(program, folder, socket, cgroup, ready, keep, survivors, zygoteAge, this::lost);
    }

    /** Its sandboxes died with it, or wait for the next one, which therefore is wanted now. */
    private void lost(LauncherClient gone) {
        if (keep.isZero() || closed) {
            gone.buryAll();
        } else {
            Thread.ofVirtual().name("launcher-successor").start(() -> succeed(gone));
        }
    }

    private void succeed(LauncherClient gone) {
        try {
            launcher();
        } catch (MayflyException e) {
            log.atError().setCause(e).log("No successor for the launcher that is gone");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            gone.buryAll(); // But for those that its successor has.
        }
    }

    /** The launcher's file, if it was built. */
    public static Optional<Path> program() {
        return LauncherProgram.file();
    }

    /** Removes cgroups that a launcher of this server left, whoever started it; it must have ended. */
    public static void removeCgroups(String tag) {
        CgroupFolders.remove("mayfly-" + tag);
    }

    /** What to do about a launcher that is not there. */
    public static String missing() {
        return "its launcher was not built (apt-get install gcc libc6-dev, then start again)";
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean handsOnSockets() {
        return true;
    }

    /** Without user namespaces a sandbox has the user id of its tenant on the machine, which is known at its start only. */
    @Override
    public boolean bindsLate() {
        return flags == USER_NAMESPACE;
    }

    @Override
    public Sandbox start(SandboxSpec spec) throws InterruptedException {
        // Behind a socket and without a way out it needs no network at all.
        boolean connected = spec.socket().isEmpty() || !spec.egress().equals(EgressPolicy.NONE);
        return start(spec, flags, connected, Optional.empty());
    }

    @Override
    public GenericSandbox startGeneric(SandboxSpec spec, Optional<Zygote> zygote) throws InterruptedException {
        if (!bindsLate()) {
            throw new MayflyException(
                    ErrorCode.UNSUPPORTED, "sandbox.user-namespaces: false (expected: true for generic sandboxes)");
        }
        return start(spec, flags | GENERIC, !spec.egress().equals(EgressPolicy.NONE), zygote);
    }

    @Override
    public void retire(Zygote zygote) throws InterruptedException {
        LauncherClient current;
        synchronized (this) {
            current = launcher;
        }
        if (!current.isLost()) { // Else it has ended with it.
            current.zygotes().retire(zygote);
        }
    }

    private NativeSandbox start(SandboxSpec spec, int kind, boolean connected, Optional<Zygote> zygote)
            throws InterruptedException {
        SpecCheck.limits(spec.limits());
        IoDisk.wanted(spec.limits(), folder); // The launcher finds the same one.
        LauncherClient current = launcher();
        // Nobody's program has no business anywhere.
        EgressPolicy first = (kind & GENERIC) != 0 ? EgressPolicy.NONE : spec.egress();
        Network network = null;
        NativeRoots.Key key = null;
        NativeSandbox sandbox = null;
        try {
            if (connected) {
                network = networks.claim(new NetworkRequest(spec.id(), spec.tenant(), first));
            }
            NativeRoots.Key wantedKey = new NativeRoots.Key(spec.layers(), spec.uid(), resolvers(network));
            int root = current.roots().acquire(wantedKey);
            key = wantedKey;
            sandbox = new NativeSandbox(this, current, spec, network, key);
            held.put(spec.id(), sandbox);
            current.add(sandbox);
            int wanted = current.zygotes().of(zygote);
            ByteBuffer made = current.connection().call(create(spec, kind, root, wanted, network));
            made.getInt(); // Its first process.
            if (wanted != made.getInt()) {
                current.zygotes().missed(zygote);
            }
            return sandbox;
        } catch (LauncherRefusal.Refused e) {
            abandon(current, sandbox, spec, network, key);
            throw explained(e.why, spec);
        } catch (RuntimeException | InterruptedException | Error e) {
            abandon(current, sandbox, spec, network, key);
            throw e;
        }
    }

    /** What was asked for may have begun all the same: its shell ends by itself, or is ended here. */
    private void abandon(
            LauncherClient current,
            @Nullable NativeSandbox sandbox,
            SandboxSpec spec,
            @Nullable Network network,
            NativeRoots.@Nullable Key key)
            throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        boolean gone = sandbox == null;
        try {
            if (sandbox != null && !current.isLost()) {
                current.connection().call(new Frame(Frame.DESTROY).text(spec.id()));
                gone = true;
            }
        } finally {
            if (sandbox != null) {
                current.remove(sandbox);
                held.remove(spec.id(), sandbox);
            }
            try {
                if (network != null && !gone) {
                    networks.discard(network); // What was begun in it may wait for a successor, which destroys it.
                    network = null;
                }
                free(current, key, network);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    synchronized LauncherClient launcher() throws InterruptedException {
        if (closed) {
            throw new MayflyException(ErrorCode.SHUTTING_DOWN, "this server is stopping");
        }
        if (launcher.isLost()) {
            launcher = keep.isZero() ? fresh(launcher) : successor(launcher);
            log.atWarn()
                    .addKeyValue("pid", launcher.pid())
                    .addKeyValue("sandboxes", launcher.living())
                    .log("Started the launcher again");
        }
        return launcher;
    }

    private LauncherClient fresh(LauncherClient gone) throws InterruptedException {
        gone.close();
        gone.buryAll();
        return launch(READY_SHELLS, List.of());
    }

    private LauncherClient successor(LauncherClient gone) throws InterruptedException {
        gone.abandon();
        List<NativeSandbox> survivors = gone.takeSandboxes();
        @Nullable LauncherClient next = null;
        try {
            next = launch(READY_SHELLS, survivors);
            succeeds(next, gone, survivors);
            return next;
        } catch (RuntimeException | InterruptedException | Error e) {
            if (next != null) {
                next.abandon(); // It is gone already; the next one takes over what it had.
            }
            survivors.stream().filter(each -> !each.hasEnded()).forEach(gone::add);
            throw e;
        }
    }

    private static void succeeds(LauncherClient next, LauncherClient gone, List<NativeSandbox> survivors)
            throws InterruptedException {
        Set<String> orphans = gone.orphans().keySet();
        for (String each : next.orphans().keySet()) {
            if (!orphans.contains(each)) {
                next.destroyOrphan(each); // Whoever wanted it has given it up.
            }
        }
        for (NativeSandbox each : survivors) {
            if (!next.runs(each)) {
                each.exited(Exit.lost(each.id())); // It ended while nobody was there, or was not yet up.
            }
        }
    }

    @Override
    public Map<String, String> orphans() {
        LauncherClient current;
        synchronized (this) {
            current = launcher;
        }
        Map<String, String> words = new HashMap<>();
        current.orphans()
                .forEach((id, label) -> words.put(id, Label.parse(label).words()));
        return words;
    }

    @Override
    public void destroyOrphans(Set<String> ids) throws InterruptedException {
        for (String id : ids) {
            launcher().destroyOrphan(id);
        }
    }

    @Override
    public Optional<Sandbox> adopt(SandboxSpec spec) throws InterruptedException {
        LauncherClient current = launcher();
        String label = current.orphans().get(spec.id());
        if (label == null) {
            return Optional.empty();
        }
        Optional<String> trace = Label.parse(label).trace();
        Optional<Network> network = trace.flatMap(
                each -> networks.adopt(each, new NetworkRequest(spec.id(), spec.tenant(), spec.egress())));
        if (trace.isPresent() && network.isEmpty()) {
            current.destroyOrphan(spec.id()); // It is of no use without.
            return Optional.empty();
        }
        NativeSandbox sandbox = new NativeSandbox(this, current, spec, network.orElse(null), null);
        if (current.adopt(sandbox).isEmpty()) {
            network.ifPresent(networks::discard); // It has ended meanwhile.
            return Optional.empty();
        }
        held.put(spec.id(), sandbox);
        return Optional.of(sandbox);
    }

    private Frame create(SandboxSpec spec, int kind, int root, int zygote, @Nullable Network network) {
        Frame frame = new Frame(Frame.CREATE)
                .text(spec.id())
                .text(spec.tenant())
                .text(Label.of(spec.label(), network))
                .u32(root)
                .u32(spec.uid())
                .u32(kind)
                .u32(zygote)
                .text(network == null ? "" : seenByLauncher(network.namespace()))
                .text(spec.socket().map(Path::toString).orElse(""))
                .text(spec.workingDir())
                .limits(spec.limits());
        frame.mounts(spec.mounts());
        Map<String, String> env = new TreeMap<>(SandboxSpec.BASE_ENV);
        env.putAll(spec.env());
        return frame.command(spec.argv(), env);
    }

    /** The mounts inside are copies, so the root need not stay for them. */
    void bind(
            LauncherClient current,
            SandboxSpec spec,
            SandboxBinding binding,
            @Nullable Network network,
            Consumer<Network> bound)
            throws InterruptedException {
        SpecCheck.limits(binding.limits());
        IoDisk.wanted(binding.limits(), folder);
        if (network == null && !binding.egress().equals(EgressPolicy.NONE)) {
            throw new MayflyException(
                    ErrorCode.START_FAILED, "egress: " + binding.egress() + " (expected: none, as it started)");
        }
        Network after = network;
        if (network != null) {
            after = networks.rebind(network, new NetworkRequest(spec.id(), binding.tenant(), binding.egress()));
            bound.accept(after);
        }
        NativeRoots.Key key = new NativeRoots.Key(binding.layers(), spec.uid(), resolvers(after));
        Frame frame;
        try {
            frame = new Frame(Frame.BIND)
                    .text(spec.id())
                    .text(binding.tenant())
                    .text(Label.of(binding.label(), after))
                    .limits(binding.limits())
                    .mounts(List.of())
                    .u32(current.roots().acquire(key))
                    .u32(BOUND_PATHS.size());
        } catch (LauncherRefusal.Refused e) {
            throw explained(e.why, spec);
        }
        try {
            BOUND_PATHS.forEach(frame::text);
            ask(current, spec, frame.text(binding.message()));
        } finally {
            current.roots().release(key);
        }
    }

    private static List<String> resolvers(@Nullable Network network) {
        return network == null ? List.of() : network.resolvers();
    }

    /** The namespace is a file in this process' mount namespace, which the launcher does not share. */
    private static String seenByLauncher(Path namespace) {
        return "/proc/" + ProcessHandle.current().pid() + "/root"
                + namespace.toAbsolutePath().normalize();
    }

    /** Asks about a sandbox that is there. */
    ByteBuffer ask(LauncherClient current, SandboxSpec spec, Frame frame) throws InterruptedException {
        try {
            return current.connection().call(frame);
        } catch (LauncherRefusal.Refused e) {
            throw explained(e.why, spec);
        }
    }

    private static MayflyException explained(LauncherRefusal why, SandboxSpec spec) {
        String value = Values.of(spec, why.field());
        return new MayflyException(
                why.reason() == LauncherRefusal.CAPACITY ? ErrorCode.CAPACITY_EXHAUSTED : ErrorCode.START_FAILED,
                why.field() + ": " + value + "(expected: " + why.expected() + ")");
    }

    /**
     * Gives back what the sandbox held.
     *
     * @param key of the root that was held for it there; null: none
     */
    void free(LauncherClient rooted, NativeRoots.@Nullable Key key, @Nullable Network network)
            throws InterruptedException {
        try {
            if (network != null) {
                networks.release(network);
            }
        } finally {
            if (key != null && !rooted.isLost()) {
                rooted.roots().release(key);
            }
        }
    }

    /** What a dead launcher left its successor has removed before it answers; what is in quarantine is tried again. */
    @Override
    public Sweep sweep() throws InterruptedException {
        LauncherClient current = launcher();
        int left = current.connection().call(new Frame(Frame.SWEEP)).getInt();
        int forgotten = destroyForgotten(FORGOTTEN);
        return new Sweep(
                current.takeSwept() + forgotten, left == 0 ? List.of() : List.of(left + " slots of the launcher"));
    }

    /** Sandboxes that have ended hold networks and roots until they are destroyed; here it ends where nobody else came. */
    int destroyForgotten(Duration since) throws InterruptedException {
        int found = 0;
        for (NativeSandbox each : held.values()) {
            if (!each.isForgotten(since)) {
                continue;
            }
            found++;
            try {
                each.destroy();
            } catch (RuntimeException e) {
                log.atWarn()
                        .addKeyValue("sandbox", each.id())
                        .setCause(e)
                        .log("A sandbox that has ended does not go; the next sweep tries again");
            }
        }
        return found;
    }

    /** All that it held is given back. */
    void forget(NativeSandbox sandbox) {
        held.remove(sandbox.id(), sandbox);
    }

    /** Returns once what a launcher that is gone had is its successor's, or known to be gone. */
    void awaitSuccessor() throws InterruptedException {
        launcher();
    }

    /** One that is gone is started again; one that hangs does not answer, and neither does this. */
    @Override
    public Optional<String> trouble() throws InterruptedException {
        launcher().connection().call(new Frame(Frame.STATS).text(""));
        return Optional.empty();
    }

    @Override
    public SandboxHealth health() throws InterruptedException {
        LauncherClient current;
        synchronized (this) {
            current = launcher;
        }
        if (current.isLost()) {
            return SandboxHealth.NOTHING; // The next start or sweep brings up another.
        }
        ByteBuffer in = current.connection().call(new Frame(Frame.STATS).text(""));
        in.getInt(); // All slots: those that are in use or on their way as well.
        int ready = in.getInt();
        int quarantined = in.getInt();
        return new SandboxHealth(current.living(), ready, quarantined, in.getInt());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            boolean killed = launcher.isLost();
            launcher.close();
            if (killed) {
                cleanUpAfterIt();
            }
            List<Path> left = CgroupFolders.remove(cgroup);
            if (!left.isEmpty()) {
                log.atWarn().addKeyValue("left", left).log("Cgroups of the launcher do not go");
            }
            ShortFolder.remove(tag);
        }
    }

    /** One that was killed has left its cgroups; the next removes them before it does anything else. */
    private void cleanUpAfterIt() {
        try {
            launch(1, List.of()).close();
        } catch (MayflyException e) {
            log.atWarn().setCause(e).log("What a killed launcher left is not removed; the next start does it");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
