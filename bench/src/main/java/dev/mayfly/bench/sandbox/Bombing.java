package dev.mayfly.bench.sandbox;

import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxRuntime;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A bomb in a sandbox of its own, made again whenever it died of itself, until it is closed. */
public final class Bombing implements AutoCloseable {
    private static final int GO_OFF_SECONDS_MAX = 60;

    /** Its program ends by itself then, whatever became of this process. */
    private static final int SECONDS_MAX = 120;

    /** An app that dies at once is started again this often in a second at most, and so many times. */
    private static final long PAUSE_MILLIS = 20;

    private static final int STARTS_MAX = 1_000;
    private static final int SAID_MAX = 100;

    private final Bomb bomb;
    private final SandboxRuntime runtime;
    private final Workload workload;
    private final CompletableFuture<String> wentOff = new CompletableFuture<>();
    private final CompletableFuture<Boolean> stop = new CompletableFuture<>();
    private final Set<String> reasons = new ConcurrentSkipListSet<>();
    private final AtomicLong lines = new AtomicLong();
    private final AtomicInteger starts = new AtomicInteger();
    private final Thread thread;
    private volatile @Nullable Exception failure;

    Bombing(Bomb bomb, SandboxRuntime runtime, Workload workload) {
        this.bomb = bomb;
        this.runtime = runtime;
        this.workload = workload;
        this.thread = Thread.ofPlatform().name("bomb-" + bomb.label()).start(this::again);
    }

    /** Waits until it has met its limit and returns how that showed. @throws IOException if it does not */
    String awaitWentOff() throws IOException, InterruptedException {
        try {
            return wentOff.get(GO_OFF_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    "the bomb '" + bomb.label() + "' in " + runtime.name() + " did not go off; started " + starts
                            + " times, died of " + reasons + ", printed " + lines + " lines",
                    e);
        }
    }

    private void again() {
        try {
            while (!stop.isDone() && starts.get() < STARTS_MAX) {
                once();
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (IOException | InterruptedException | ExecutionException | TimeoutException | MayflyException e) {
            failure = e;
            wentOff.completeExceptionally(e);
        }
    }

    private void once() throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Sandbox sandbox = runtime.start(workload.spec(
                List.of("/bin/bombs", bomb.label(), String.valueOf(SECONDS_MAX)),
                Map.of(),
                List.of(),
                (_, line) -> said(line)));
        try {
            starts.incrementAndGet();
            CompletableFuture.anyOf(sandbox.exit(), stop).get(2 * SECONDS_MAX, TimeUnit.SECONDS);
        } finally {
            boolean own = sandbox.exit().isDone();
            Cycle.reap(sandbox);
            died(Cycle.await(sandbox), own);
        }
    }

    private void said(String line) {
        lines.incrementAndGet();
        if (bomb.wentOff(line)) {
            wentOff.complete(line.substring(0, Math.min(SAID_MAX, line.length())));
        }
    }

    private void died(SandboxExit exit, boolean own) throws IOException {
        if (exit.cause() == SandboxExit.Cause.RUNTIME_LOST) {
            throw new IOException("the bomb '" + bomb.label() + "' ended what runs sandboxes: " + exit.describe());
        }
        if (own || exit.cause() != SandboxExit.Cause.ENDED) {
            reasons.add(exit.reason().wireName());
        }
        if (bomb.wentOff(exit.reason().wireName())) {
            wentOff.complete(exit.describe());
        }
    }

    /** What it died of, before or when it was destroyed. Complete once it is closed. */
    Set<String> reasons() {
        return Set.copyOf(reasons);
    }

    int starts() {
        return starts.get();
    }

    long lines() {
        return lines.get();
    }

    /** Destroys its sandbox. @throws IOException if something of it stays, or it could not be kept going */
    @Override
    public void close() throws IOException {
        stop.complete(true);
        boolean interrupted = false;
        while (true) {
            try {
                thread.join(); // Every wait in it has a limit.
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null) {
            throw new IOException("the bomb '" + bomb.label() + "' in " + runtime.name() + " failed", failure);
        }
    }
}
