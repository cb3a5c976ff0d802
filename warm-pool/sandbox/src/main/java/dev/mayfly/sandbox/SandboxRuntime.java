package dev.mayfly.sandbox;

/** What makes sandboxes: one runtime class. Blocking; safe from many threads. */
public interface SandboxRuntime extends AutoCloseable {
    /** The runtime class, for example {@code runc}. */
    String name();

    /**
     * Makes a sandbox and starts its program.
     *
     * @throws dev.mayfly.model.MayflyException if it cannot be made; nothing half made stays
     */
    Sandbox start(SandboxSpec spec) throws InterruptedException;

    /** Destroys whatever a predecessor on the same data folder left behind. Returns how many sandboxes it found. */
    int sweep() throws InterruptedException;

    @Override
    void close();
}
