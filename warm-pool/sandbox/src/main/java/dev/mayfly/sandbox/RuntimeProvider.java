package dev.mayfly.sandbox;

/**
 * One runtime class: what it is called, how much it isolates, whether it works here, and how it is opened. A new one is a folder
 * of its own with a provider in it, and a line where the server lists its providers.
 */
public interface RuntimeProvider {
    /** The runtime class as apps and the configuration name it, for example {@code runc}; also the name of its folder. */
    String name();

    /** How much an app must get past to reach the machine. */
    Strength strength();

    /** Looks whether it works on this machine. Changes nothing. */
    RuntimeFinding probe() throws InterruptedException;

    /** Makes ready what must be there before anything of any class lies below the site. Only where some class isolates. */
    default void prepare(RuntimeSite site) throws InterruptedException {}

    /**
     * Opens it. What it shares with other classes ({@link SharedPart}) is open before, unless it isolates nothing.
     *
     * @throws dev.mayfly.model.MayflyException {@code UNSUPPORTED} if it does not work here, saying why
     */
    SandboxRuntime open(RuntimeSite site) throws InterruptedException;

    /** Takes away what may be left of it, opened or not. After all classes and what they share are closed. */
    default void cleanUp(RuntimeSite site) throws InterruptedException {}
}
