package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life of the launcher: its process, the connection to it, and the sandboxes that it made. */
final class Launcher implements AutoCloseable, Connection.Listener {
    private static final Logger log = LoggerFactory.getLogger(Launcher.class);

    private final Program program;
    private final Connection connection;
    private final NativeRoots roots;
    private final AtomicBoolean sweptTold = new AtomicBoolean();
    private final Map<String, NativeSandbox> sandboxes = new ConcurrentHashMap<>();

    private Launcher(Program program, Path folder, Path socket) throws IOException {
        this.program = program;
        this.connection = Connection.open(socket, this);
        this.roots = new NativeRoots(folder.resolve("tops"), connection);
    }

    static Launcher start(Path file, Path folder, Path socket, String cgroup, int ready) throws InterruptedException {
        Program program = Program.start(file, folder.resolve("launcher").toAbsolutePath(), socket, cgroup, ready);
        try {
            Launcher launcher = new Launcher(program, folder, socket);
            launcher.connection.call(new Frame(Frame.HELLO).u32(Frame.VERSION));
            return launcher;
        } catch (RuntimeException | InterruptedException e) {
            program.stop();
            throw e;
        } catch (IOException e) {
            program.stop();
            throw new MayflyException(ErrorCode.INTERNAL, "cannot reach the launcher: " + e.getMessage(), e);
        }
    }

    Connection connection() {
        return connection;
    }

    NativeRoots roots() {
        return roots;
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
            connection.tell(new Frame(Frame.TAKEN).text(id).u32(bytes.length));
        } else {
            sandbox.output(stderr, bytes);
        }
    }

    @Override
    public void exited(Exit exit) {
        NativeSandbox sandbox = sandboxes.get(exit.id());
        if (sandbox != null) {
            sandbox.exited(exit);
        }
    }

    /** Whatever it ran died with it. */
    @Override
    public void lost() {
        var orphans = new ArrayList<>(sandboxes.values());
        if (!orphans.isEmpty()) {
            log.atError().addKeyValue("sandboxes", orphans.size()).log("The launcher is gone, its sandboxes with it");
        }
        orphans.forEach(sandbox -> sandbox.exited(Exit.lost(sandbox.id())));
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
