package dev.mayfly.pool.engine;

import dev.mayfly.model.DeathReason;
import dev.mayfly.pool.api.InstanceAddress;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.LifeStage;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.sandbox.Sandbox;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One instance with its sandbox and what is known of it. Fields are guarded by the pool's lock unless they say otherwise. */
final class Instance {
    private static final int LAST_LINES = 50;

    final String id;
    final Instant bornAt;
    final String runtimeClass;

    /** Completes when it is ready, or with why it is not. */
    final CompletableFuture<Optional<SandboxStarter.Failure>> ready = new CompletableFuture<>();

    /** Completes when nothing of it is left. */
    final CompletableFuture<Void> gone = new CompletableFuture<>();

    /** Held while it is frozen, thawed or asked to stop: these must not overlap. Guards {@link #frozen}. */
    final ReentrantLock standstill = new ReentrantLock();

    boolean frozen;

    final Life life;

    @Nullable
    Sandbox sandbox;

    @Nullable
    InstanceAddress address;

    @Nullable
    Instant boundAt;

    @Nullable
    Instant readyAt;

    @Nullable
    Instant diedAt;

    @Nullable
    DeathReason diedOf;

    @Nullable
    String detail;

    /** Whether the core knows that it is ready, or generic. */
    boolean settled;

    boolean reapWanted;

    /** Its release; null while it is generic. Set once. */
    private volatile @Nullable ReleaseToRun release;

    private final Deque<String> lastLines = new ArrayDeque<>();
    private volatile @Nullable Consumer<String> watcher;

    /** @param release empty: it is generic */
    Instance(String id, @Nullable ReleaseToRun release, String runtimeClass, Instant bornAt) {
        this.id = id;
        this.release = release;
        this.runtimeClass = runtimeClass;
        this.bornAt = bornAt;
        this.life = new Life(bornAt);
    }

    /** It has its release from now on. */
    void bind(ReleaseToRun to, Instant now) {
        release = to;
        boundAt = now;
        life.enter(LifeStage.BOUND, now);
    }

    ReleaseToRun release() {
        return Objects.requireNonNull(release, "a generic instance has no release");
    }

    /** Whether it has a release: one that has none is shown to no tenant. */
    boolean bound() {
        return release != null;
    }

    /** Remembers a line for the message of a failed start. */
    void printed(String line) {
        synchronized (lastLines) {
            if (lastLines.size() == LAST_LINES) {
                lastLines.remove();
            }
            lastLines.add(line);
        }
        Consumer<String> listening = watcher;
        if (listening != null) {
            listening.accept(line);
        }
    }

    /** Sends what was printed so far and will be. */
    void watch(Consumer<String> lines) {
        synchronized (lastLines) {
            lastLines.forEach(lines);
            watcher = lines;
        }
    }

    List<String> lastLines(int count) {
        synchronized (lastLines) {
            List<String> all = List.copyOf(lastLines);
            return all.subList(Math.max(0, all.size() - count), all.size());
        }
    }

    /** @param state where it is in its life, as the core counts it; what follows of it too */
    InstanceView view(String server, InstanceState state, int active, long served) {
        return new InstanceView(
                id,
                release().release(),
                server,
                runtimeClass,
                state,
                active,
                served,
                bornAt,
                Optional.ofNullable(boundAt),
                Optional.ofNullable(readyAt),
                Optional.ofNullable(diedAt),
                Optional.ofNullable(diedOf),
                Optional.ofNullable(detail),
                life.steps());
    }
}
