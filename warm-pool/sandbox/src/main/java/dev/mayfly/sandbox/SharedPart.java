package dev.mayfly.sandbox;

import dev.mayfly.runtime.health.Health;

/** What all runtime classes that isolate have in common on a machine, such as networks. Opened before the first of them. */
public interface SharedPart extends AutoCloseable {
    /** For logs and metrics. */
    String name();

    /** @param health learns whether it works */
    void open(RuntimeSite site, Health health) throws InterruptedException;

    /** As {@link SandboxRuntime#sweep}. Only after {@link #open}. */
    Sweep sweep() throws InterruptedException;

    /** After all runtime classes; also if it was never opened. */
    @Override
    void close();
}
