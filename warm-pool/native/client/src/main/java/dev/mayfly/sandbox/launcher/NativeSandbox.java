package dev.mayfly.sandbox.launcher;

import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.GenericSandbox;
import dev.mayfly.sandbox.SandboxBinding;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.network.Network;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A sandbox that the launcher made. */
final class NativeSandbox implements GenericSandbox {
    private static final int SIGTERM = 15;

    private final NativeRuntime runtime;
    private volatile LauncherClient launcher;
    private final SandboxSpec spec;
    private volatile @Nullable Network network;
    private final Output output;

    /** Where its root is held, if it holds one: with the launcher that made it, or that this server found it with. */
    private final LauncherClient rooted;

    /** Null: a predecessor of this server has made it. */
    private final NativeRoots.@Nullable Key root;

    private volatile @Nullable Exit exit;
    private volatile long endedNanos;
    private boolean destroyed;

    /** @param root that is held for it; null: a predecessor of this server has made it */
    NativeSandbox(
            NativeRuntime runtime,
            LauncherClient launcher,
            SandboxSpec spec,
            @Nullable Network network,
            NativeRoots.@Nullable Key root) {
        this.runtime = runtime;
        this.launcher = launcher;
        this.rooted = launcher;
        this.root = root;
        this.spec = spec;
        this.network = network;
        this.output = new Output(
                spec.output(),
                bytes -> this.launcher
                        .connection()
                        .tell(new Frame(Frame.TAKEN).text(spec.id()).u32(bytes)));
    }

    /** It outlived the launcher that had made it. */
    void moveTo(LauncherClient successor) {
        launcher = successor;
    }

    void output(boolean stderr, byte[] bytes) {
        output.add(stderr, bytes);
    }

    void exited(Exit how) {
        endedNanos = System.nanoTime();
        exit = how;
        launcher.remove(this);
        output.end(how.how());
    }

    @Override
    public void bind(SandboxBinding binding) throws InterruptedException {
        runtime.bind(launcher, spec, binding, network, bound -> network = bound);
    }

    @Override
    public String id() {
        return spec.id();
    }

    @Override
    public Optional<String> address() {
        return Optional.ofNullable(network).map(Network::address);
    }

    @Override
    public CompletableFuture<SandboxExit> exit() {
        return output.exit().copy();
    }

    @Override
    public void terminate() {
        try {
            launcher.connection().call(new Frame(Frame.SIGNAL).text(spec.id()).u32(SIGTERM));
        } catch (LauncherRefusal.Refused e) {
            // It has ended meanwhile.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void freeze() throws InterruptedException {
        runtime.ask(launcher, spec, new Frame(Frame.FREEZE).text(spec.id()));
    }

    @Override
    public void thaw() throws InterruptedException {
        runtime.ask(launcher, spec, new Frame(Frame.THAW).text(spec.id()));
    }

    @Override
    public Optional<CompletableFuture<Void>> beginThaw() {
        return launcher.connection()
                .begin(new Frame(Frame.THAW).text(spec.id()))
                .map(answer -> answer.thenAccept(_ -> {}));
    }

    @Override
    public SandboxUsage usage() throws InterruptedException {
        ByteBuffer in = runtime.ask(launcher, spec, new Frame(Frame.STATS).text(spec.id()));
        return new SandboxUsage(Duration.ofNanos(in.getLong()), in.getLong(), in.getLong(), in.getInt());
    }

    /** The launcher proves what it made to be gone before it tells the end; here the rest follows. */
    @Override
    public synchronized List<String> destroy() throws InterruptedException {
        if (destroyed) {
            return List.of();
        }
        List<String> left = end();
        destroyed = true;
        try {
            runtime.free(rooted, root, network);
        } finally {
            runtime.forget(this);
        }
        return left;
    }

    /** Ends it if it has not. A launcher that is gone has a successor, which has it or knows that it is gone with the other. */
    private List<String> end() throws InterruptedException {
        try {
            if (exit == null && !launcher.isLost()) {
                return Exit.readLeft(launcher.connection().call(new Frame(Frame.DESTROY).text(spec.id())));
            }
        } catch (MayflyException e) {
            if (!launcher.isLost()) {
                throw e;
            }
        }
        if (exit == null) {
            runtime.awaitSuccessor();
        }
        Exit ended = exit;
        return ended != null
                ? ended.left()
                : Exit.readLeft(launcher.connection().call(new Frame(Frame.DESTROY).text(spec.id())));
    }

    boolean hasEnded() {
        return exit != null;
    }

    /** Whether it ended that long ago and nobody has destroyed it: whoever was to do so is gone, or could not. */
    boolean isForgotten(Duration since) {
        return exit != null && System.nanoTime() - endedNanos > since.toNanos();
    }
}
