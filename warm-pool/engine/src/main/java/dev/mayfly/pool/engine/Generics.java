package dev.mayfly.pool.engine;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.core.GenericKey;
import dev.mayfly.pool.core.OwnZygote;
import dev.mayfly.pool.core.Wanted;
import dev.mayfly.sandbox.Sandbox;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/** What can be started before it is known for whom: the one place where images and runtime classes say so. Blocks. */
interface Generics {
    /** The release, with what its instances can be made of. Returns at once. */
    Wanted wanted(ReleaseToRun release);

    /** Whether instances of the key are forked: to make one and bind it then costs less than a start of its own. */
    boolean forks(GenericKey key);

    /** Ends the zygote, if it runs. */
    void retire(OwnZygote zygote) throws InterruptedException;

    /**
     * Starts a sandbox without code, configuration or secrets of anybody.
     *
     * @param output what is printed in it, before and after it is bound
     */
    Warming start(String id, GenericKey key, BiConsumer<Boolean, String> output) throws InterruptedException;

    /**
     * A generic sandbox that does what it can ahead.
     *
     * @param done completes when it waits to be bound
     */
    record Warming(Sandbox sandbox, CompletableFuture<?> done) {
        private static final Duration LIMIT = Duration.ofSeconds(30);

        /** Blocks until it waits to be bound; empty: it does. */
        Optional<SandboxStarter.Failure> await() throws InterruptedException {
            try {
                CompletableFuture.anyOf(done, sandbox.exit()).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException e) {
                throw new IllegalStateException("neither ever fails", e);
            } catch (TimeoutException e) {
                return Optional.of(new SandboxStarter.Failure(
                        ErrorCode.START_IMPOSSIBLE,
                        "a generic runtime was not warm after " + LIMIT.toSeconds() + " s"));
            }
            return done.isDone()
                    ? Optional.empty()
                    : Optional.of(new SandboxStarter.Failure(
                            ErrorCode.START_IMPOSSIBLE,
                            "a generic runtime ended before it was warm: "
                                    + sandbox.exit().join().describe()));
        }
    }

    /** Gives the sandbox its release: code, configuration, secrets and limits. Once, for ever. */
    SandboxStarter.Started bind(Sandbox sandbox, ReleaseToRun release) throws InterruptedException;
}
