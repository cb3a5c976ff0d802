package dev.mayfly.sandbox;

/**
 * A sandbox that runs a language runtime and nobody's code: it waits for its message on file descriptor 3, a socket, and is
 * bound once, to one release, for ever.
 */
public interface GenericSandbox extends Sandbox {
    /**
     * Binds it: limits and policy are set, the release's {@code /workspace} and {@code /layers} appear inside, then the program
     * reads the message up to its end. After that nothing connects it with whoever bound it.
     *
     * @throws dev.mayfly.model.MayflyException if it cannot be bound, or was before. It serves nobody then and is to be destroyed
     */
    void bind(SandboxBinding binding) throws InterruptedException;
}
