package dev.mayfly.runtime.health;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One check, run on a thread of its own, never twice at the same time. Guarded by its {@link Health}. */
final class Watched {
    private static final Logger log = LoggerFactory.getLogger(Watched.class);

    private final Part part;
    private final String name;
    private final Check check;
    private @Nullable CompletableFuture<Optional<String>> running;
    private long begun;
    private boolean troubled;

    Watched(Part part, String name, Check check) {
        this.part = part;
        this.name = name;
        this.check = check;
    }

    /** Begins to ask; one that hangs since last time is not asked once more. */
    void begin(ThreadFactory threads) {
        if (running != null) {
            return;
        }
        CompletableFuture<Optional<String>> answer = new CompletableFuture<>();
        running = answer;
        begun = System.nanoTime();
        try {
            Thread thread = threads.newThread(() -> run(answer));
            thread.setName("check-" + name);
            thread.start();
        } catch (Throwable e) { // There is no memory for a thread, say: it is asked again next time.
            answer.completeExceptionally(e);
        }
    }

    private void run(CompletableFuture<Optional<String>> answer) {
        try {
            answer.complete(check.trouble());
        } catch (Throwable e) { // An Error, too, is an answer: this does not work.
            answer.completeExceptionally(e);
        }
    }

    Optional<Trouble> troubleBy(long deadline) throws InterruptedException {
        CompletableFuture<Optional<String>> answer = running;
        if (answer == null) {
            return Optional.empty(); // Taken up after the others were begun; it is asked next time.
        }
        Optional<Trouble> trouble = answer(answer, deadline).map(what -> new Trouble(part, name, what));
        if (trouble.isPresent() != troubled) {
            troubled = trouble.isPresent();
            trouble.ifPresentOrElse(
                    what -> log.atError().addKeyValue("trouble", what).log("The server is not ready"),
                    () -> log.atInfo().addKeyValue("check", name).log("This works again"));
        }
        return trouble;
    }

    private Optional<String> answer(CompletableFuture<Optional<String>> answer, long deadline)
            throws InterruptedException {
        try {
            Optional<String> trouble = answer.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            running = null;
            return trouble;
        } catch (TimeoutException e) {
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
            return Optional.of("no answer for " + Math.max(1, seconds) + " s");
        } catch (ExecutionException e) {
            running = null;
            log.atDebug().addKeyValue("check", name).setCause(e).log("A check failed");
            return Optional.of(String.valueOf(e.getCause()));
        }
    }
}
