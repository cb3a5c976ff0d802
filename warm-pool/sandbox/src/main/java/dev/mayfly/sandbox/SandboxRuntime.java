package dev.mayfly.sandbox;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.Zygote;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What makes sandboxes: one runtime class. Blocking; safe from many threads. */
public interface SandboxRuntime extends AutoCloseable {
    /** The runtime class, for example {@code runc}. */
    String name();

    /** Whether it keeps a program from the machine. One that does not has the host's ports and paths. */
    default boolean isolates() {
        return true;
    }

    /**
     * Makes a sandbox and starts its program.
     *
     * @throws dev.mayfly.model.MayflyException if it cannot be made, naming the field that is at fault, its value and what was
     *     expected; nothing half made stays
     */
    Sandbox start(SandboxSpec spec) throws InterruptedException;

    /**
     * Whether it can give a program a listening socket as its standard input. Then the program needs no folder that it can
     * write to, and the host's connections wait in the socket until it accepts them.
     */
    default boolean handsOnSockets() {
        return false;
    }

    /** Whether it makes generic sandboxes. */
    default boolean bindsLate() {
        return false;
    }

    /**
     * Makes a sandbox without a tenant's code. Its user ids on the machine are its own alone, its network leads nowhere yet. With
     * policy {@code none} it has no network but its own loopback, and can only be bound to that.
     *
     * @param spec of the runtime alone; its user id at most {@link SandboxSpec#GENERIC_UID_MAX}
     * @param zygote what it may be forked from; classes that cannot, and one that has none ready, start it instead
     * @throws dev.mayfly.model.MayflyException as {@link #start}; {@code UNSUPPORTED} if this class makes none
     */
    default GenericSandbox startGeneric(SandboxSpec spec, Optional<Zygote> zygote) throws InterruptedException {
        throw new MayflyException(ErrorCode.UNSUPPORTED, "runtime: '" + name() + "' makes no generic sandboxes");
    }

    /** Ends the zygote, if it runs. What was forked from it lives on. */
    default void retire(Zygote zygote) throws InterruptedException {}

    /**
     * Whether it can give sandboxes a directory on which this process has mounted something. A class whose sandboxes are
     * made by a program outside this process' mount namespace sees only what lies below.
     */
    default boolean seesMounts() {
        return true;
    }

    /**
     * Destroys what is of this server and belongs to no sandbox that lives: left by a predecessor on the same data folder, or
     * by a sandbox that did not go. Does not touch what lives or is being made. One call at a time.
     */
    Sweep sweep() throws InterruptedException;

    /**
     * Sandboxes of a predecessor of this server that still run: the labels that it gave them, by id. Each waits for
     * {@link #adopt} or {@link #destroyOrphans}, and with it what it prints.
     */
    default Map<String, String> orphans() {
        return Map.of();
    }

    /**
     * Takes over a sandbox of a predecessor: from now on it is as if {@link #start} had made it. One that was frozen runs.
     *
     * @param spec that it was started with, or bound to; of its program only what errors name is looked at
     * @return empty if there is none of this id, or it cannot be taken over; then nothing of it is left
     */
    default Optional<Sandbox> adopt(SandboxSpec spec) throws InterruptedException {
        return Optional.empty();
    }

    /** Destroys those of these ids that nobody has adopted. */
    default void destroyOrphans(Set<String> ids) throws InterruptedException {}

    /** How many there are of what it keeps on the machine, at this moment. */
    SandboxHealth health() throws InterruptedException;

    /**
     * Whether it could make a sandbox now, as far as that can be told within a second and without making one; if not, why. What
     * has died is started again by being asked.
     */
    default Optional<String> trouble() throws InterruptedException {
        return Optional.empty();
    }

    @Override
    void close();
}
