package dev.mayfly.control.deploy;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The deploys that go on in this server: each on a thread that only its {@link Cancellation} interrupts. */
final class Deploys implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Deploys.class);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);

    interface Work<T> {
        T run(Cancellation cancellation) throws InterruptedException;
    }

    private record Deploy(AppRef app, Cancellation cancellation, FutureTask<?> task) {}

    private final Map<String, Deploy> running = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * Works while the caller waits. An interrupt of the caller cancels; this returns when the work has ended all the same, so
     * that nothing of it is left then. If it came too late, the work's result counts.
     *
     * @throws InterruptedException if it was cancelled
     */
    <T> T run(String id, AppRef app, Work<T> work) throws InterruptedException {
        Cancellation cancellation = new Cancellation();
        FutureTask<T> task = new FutureTask<>(() -> work.run(cancellation));
        running.put(id, new Deploy(app, cancellation, task));
        try {
            if (closed) {
                throw new MayflyException(ErrorCode.SHUTTING_DOWN, "Mayfly is stopping; try again in a moment");
            }
            Thread.ofVirtual().name("deploy " + id).start(task);
            return result(task, cancellation);
        } finally {
            running.remove(id);
        }
    }

    private static <T> T result(FutureTask<T> task, Cancellation cancellation) throws InterruptedException {
        while (true) {
            try {
                return task.get();
            } catch (InterruptedException e) {
                cancellation.ask();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof InterruptedException) {
                    throw new InterruptedException("cancelled");
                }
                if (e.getCause() instanceof RuntimeException known) {
                    throw known;
                }
                throw new IllegalStateException(e.getCause());
            }
        }
    }

    boolean isRunning(String id) {
        return running.containsKey(id);
    }

    /** Returns false if it does not go on here (any more). */
    boolean cancel(String id) {
        Deploy deploy = running.get(id);
        if (deploy != null) {
            deploy.cancellation.ask();
        }
        return deploy != null;
    }

    /** Cancels all of the app and waits for their end. */
    void stop(AppRef app) throws InterruptedException {
        stop(deploy -> deploy.app.equals(app));
    }

    private void stop(Predicate<Deploy> which) throws InterruptedException {
        Collection<Deploy> stopping = running.values().stream().filter(which).toList();
        stopping.forEach(deploy -> deploy.cancellation.ask());
        long deadline = System.nanoTime() + STOP_MAX.toNanos();
        for (Deploy deploy : stopping) {
            try {
                deploy.task.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (ExecutionException | CancellationException e) {
                log.atDebug().addKeyValue("app", deploy.app).setCause(e).log("Deploy is cancelled");
            } catch (TimeoutException e) {
                log.atWarn().addKeyValue("app", deploy.app).log("Deploy does not end");
            }
        }
    }

    /** Lets nothing begin any more and cancels what goes on. */
    @Override
    public void close() {
        closed = true;
        try {
            stop(_ -> true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
