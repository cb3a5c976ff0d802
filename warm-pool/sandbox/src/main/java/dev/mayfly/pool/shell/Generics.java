package dev.mayfly.pool.shell;

import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.sandbox.Sandbox;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What can be started before it is known for whom: the one place where images and runtime classes say so. Blocks. */
interface Generics {
    /** What instances of the release can be made of; empty: each is started from nothing. Returns at once. */
    Optional<GenericKey> keyOf(ReleaseToRun release);

    /**
     * Starts a sandbox without code, configuration or secrets of anybody.
     *
     * @param output what is printed in it, before and after it is bound
     */
    Sandbox start(String id, GenericKey key, BiConsumer<Boolean, String> output) throws InterruptedException;

    /** Gives the sandbox its release: code, configuration, secrets and limits. Once, for ever. */
    Start.Started bind(Sandbox sandbox, ReleaseToRun release) throws InterruptedException;
}
