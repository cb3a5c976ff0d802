package dev.mayfly.pool.api;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What control asks of the pool. The blocking methods are for virtual threads, never for an event loop. */
public interface Instances {
    /**
     * Starts one instance and waits until it is healthy: the port is open or the shim answers, and the health path answers
     * below 300 if the release names one.
     *
     * @param output lines that the instance prints meanwhile
     */
    StartOutcome startHealthy(ReleaseToRun release, Consumer<String> output) throws InterruptedException;

    /** Runs a one-off instance with this process to its end and returns its exit code; 124 after the timeout. */
    int runOnce(ReleaseToRun release, dev.mayfly.model.ProcessSpec process, Duration timeout, Consumer<String> output)
            throws InterruptedException;

    /**
     * Requests for the app come to this release from now on, and to no other of it: as many instances as it asks for are
     * ready, and what comes by habit is started ahead. Saying it again changes nothing.
     */
    void expect(ReleaseToRun release);

    /** Lets instances of all other releases of the app finish their requests, then reaps them. */
    void retireOthers(ReleaseToRun current, DeathReason reason);

    /** Reaps every instance of the app and returns when nothing of them is left. */
    void destroyAll(AppRef app, DeathReason reason) throws InterruptedException;

    /** Living instances on this server and the last dead ones, newest first. */
    List<InstanceView> list();

    /** What the pool of this server holds and has given out. */
    PoolView pool();
}
