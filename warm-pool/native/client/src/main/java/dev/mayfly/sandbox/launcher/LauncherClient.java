package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life of the launcher: its process, the connection to it, and the sandboxes that it made. */
final class LauncherClient implements AutoCloseable, LauncherConnection.Listener {
    private static final Logger log = LoggerFactory.getLogger(LauncherClient.class);

    private final LauncherProgram program;
    private final LauncherConnection connection;
    private final NativeRoots roots;
    private final Zygotes zygotes;
    private final AtomicBoolean sweptTold = new AtomicBoolean();
    private final Map<String, NativeSandbox> sandboxes = new ConcurrentHashMap<>();
    private final Orphans orphans;

    /** Sandboxes of this server that a launcher before this one made; once it listens, those that it has taken over. */
    private final Set<String> survivors = new HashSet<>();

    private final Ending ending;

    /** Told when a launcher is gone without having been asked to go. */
    interface Ending {
        void lost(LauncherClient launcher);
    }

    private LauncherClient(
            LauncherProgram program,
            Path folder,
            Path socket,
            Collection<NativeSandbox> survivors,
            Duration zygoteAge,
            Ending ending)
            throws IOException {
        this.program = program;
        this.ending = ending;
        this.orphans = new Orphans(program.adopted() > 0);
        // Before the connection, as it may tell of their end at once.
        survivors.forEach(sandbox -> {
            this.survivors.add(sandbox.id());
            sandboxes.put(sandbox.id(), sandbox);
        });
        this.connection = LauncherConnection.open(socket, this);
        this.roots = new NativeRoots(folder.resolve("tops"), connection);
        this.zygotes = new Zygotes(roots, connection, zygoteAge);
    }

    /** Those who survived ask by this connection from now on, and only then is heard what comes of them. */
    private void listen(Collection<NativeSandbox> survivors) {
        survivors.forEach(sandbox -> sandbox.moveTo(this));
        connection.listen();
    }

    /**
     * Starts one.
     *
     * @param survivors sandboxes of one that is gone, which may still run
     * @param zygoteAge after which zygotes are replaced
     */
    static LauncherClient start(
            Path file,
            Path folder,
            Path socket,
            String cgroup,
            int ready,
            Duration keep,
            Collection<NativeSandbox> survivors,
            Duration zygoteAge,
            Ending ending)
            throws InterruptedException {
        LauncherProgram program =
                LauncherProgram.start(file, folder.resolve("launcher").toAbsolutePath(), socket, cgroup, ready, keep);
        try {
            LauncherClient launcher = new LauncherClient(program, folder, socket, survivors, zygoteAge, ending);
            launcher.listen(survivors);
            launcher.connection.call(new Frame(Frame.HELLO).u32(Frame.VERSION));
            launcher.listOrphans();
            return launcher;
        } catch (RuntimeException | InterruptedException | Error e) {
            program.stop();
            throw e;
        } catch (IOException e) {
            program.stop();
            throw new MayflyException(ErrorCode.INTERNAL, "cannot reach the launcher: " + e.getMessage(), e);
        }
    }

    LauncherConnection connection() {
        return connection;
    }

    NativeRoots roots() {
        return roots;
    }

    Zygotes zygotes() {
        return zygotes;
    }

    boolean isLost() {
        return connection.isLost();
    }

    /** How many cgroups of a predecessor it has removed at its start; told once. */
    int takeSwept() {
        return sweptTold.getAndSet(true) ? 0 : program.swept();
    }

    int living() {
        return sandboxes.size();
    }

    long pid() {
        return program.pid();
    }

    void add(NativeSandbox sandbox) {
        sandboxes.put(sandbox.id(), sandbox);
    }

    void remove(NativeSandbox sandbox) {
        sandboxes.remove(sandbox.id(), sandbox);
    }

    @Override
    public void output(String id, boolean stderr, byte[] bytes) {
        NativeSandbox sandbox = sandboxes.get(id);
        if (sandbox == null) {
            if (orphans.keep(id, stderr, bytes)) {
                return;
            }
            sandbox = sandboxes.get(id); // It may have been adopted meanwhile.
        }
        if (sandbox == null) {
            connection.tell(new Frame(Frame.TAKEN).text(id).u32(bytes.length));
        } else {
            sandbox.output(stderr, bytes);
        }
    }

    @Override
    public void exited(Exit exit) {
        NativeSandbox sandbox = sandboxes.get(exit.id());
        if (sandbox == null && orphans.forget(exit.id()).isEmpty()) {
            sandbox = sandboxes.get(exit.id());
        }
        if (sandbox != null) {
            remove(sandbox); // It may not know yet that it has moved here.
            sandbox.exited(exit);
        }
    }

    @Override
    public void lost() {
        ending.lost(this);
    }

    /** Hands over those that have not told their end. */
    List<NativeSandbox> takeSandboxes() {
        List<NativeSandbox> taken = List.copyOf(sandboxes.values());
        sandboxes.clear();
        return taken;
    }

    /** What it had died with it. */
    void buryAll() {
        List<NativeSandbox> dead = takeSandboxes();
        if (!dead.isEmpty()) {
            log.atError().addKeyValue("sandboxes", dead.size()).log("The launcher is gone, its sandboxes with it");
        }
        dead.forEach(sandbox -> sandbox.exited(Exit.lost(sandbox.id())));
    }

    /** What it has taken over of a predecessor of this server and nobody has adopted: labels by id. */
    Map<String, String> orphans() {
        return orphans.labels();
    }

    /** Gives an orphan to the sandbox that stands for it now. Empty: it has ended. */
    Optional<String> adopt(NativeSandbox sandbox) {
        return orphans.take(sandbox.id(), sandbox::output, () -> add(sandbox));
    }

    /** Destroys an orphan; false: it is none. */
    boolean destroyOrphan(String id) throws InterruptedException {
        OptionalInt kept = orphans.forget(id);
        if (kept.isPresent()) {
            connection.tell(new Frame(Frame.TAKEN).text(id).u32(kept.getAsInt())); // It may wait for that.
            connection.call(new Frame(Frame.DESTROY).text(id));
        }
        return kept.isPresent();
    }

    /** Whether one of its sandboxes, which a predecessor of it has made, still runs. */
    boolean runs(NativeSandbox survivor) {
        return survivors.contains(survivor.id());
    }

    /** What it has taken over: sandboxes of this server, and orphans. */
    private void listOrphans() throws InterruptedException {
        Map<String, String> adopted = adopted();
        survivors.retainAll(adopted.keySet());
        adopted.keySet().removeAll(survivors);
        orphans.listed(adopted);
    }

    private Map<String, String> adopted() throws InterruptedException {
        Map<String, String> adopted = new LinkedHashMap<>();
        if (program.adopted() == 0) {
            return adopted;
        }
        int from = 0;
        do {
            ByteBuffer in = connection.call(new Frame(Frame.ADOPT).u32(from));
            from = in.getInt();
            for (int i = in.getInt(); i > 0; i--) {
                adopted.put(Frame.readText(in), Frame.readText(in));
                in.getInt(); // Its first process.
            }
        } while (from > 0);
        return adopted;
    }

    /** Gives up one that is lost; its sandboxes stay for a successor. */
    void abandon() {
        connection.finish();
        program.abandon();
    }

    @Override
    public void close() {
        try {
            if (!connection.isLost()) {
                connection.call(new Frame(Frame.STOP));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (MayflyException e) {
            log.atDebug().setCause(e).log("It had ended already");
        }
        connection.close();
        program.close();
    }
}
