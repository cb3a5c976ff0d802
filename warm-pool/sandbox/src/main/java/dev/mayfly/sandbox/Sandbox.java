package dev.mayfly.sandbox;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One running sandbox. */
public interface Sandbox {
    String id();

    /** Address at which the host reaches it; empty if it shares the host's network. */
    Optional<String> address();

    /** Completes when its first process has ended and all of its output was delivered. Never fails. */
    CompletableFuture<SandboxExit> exit();

    /** Asks it to stop (SIGTERM). */
    void terminate();

    /**
     * Stops the time of all of its processes; they use no CPU until {@link #thaw}. Returns when they stand still.
     *
     * @throws dev.mayfly.model.MayflyException {@code UNSUPPORTED} if this runtime class cannot
     */
    void freeze() throws InterruptedException;

    /** Undoes {@link #freeze}. */
    void thaw() throws InterruptedException;

    /**
     * Begins to undo {@link #freeze} without waiting for it: whatever is asked of the sandbox from now on is done after it.
     *
     * @return fails if it cannot be done; empty: nothing was begun, as that would have to wait, and {@link #thaw} is to be called
     */
    default Optional<CompletableFuture<Void>> beginThaw() {
        return Optional.empty();
    }

    /**
     * What it has used so far.
     *
     * @throws dev.mayfly.model.MayflyException {@code UNSUPPORTED} if this runtime class cannot tell
     */
    SandboxUsage usage() throws InterruptedException;

    /**
     * Ends it and proves that nothing of it is left: process, mount, cgroup, network, file. Returns what is left, which is
     * empty but for a fault of the machine. Blocks; may be called again.
     */
    java.util.List<String> destroy() throws InterruptedException;
}
