package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.eclipse.jgit.lib.ProgressMonitor;
import org.jspecify.annotations.Nullable;

/**
 * One push or fetch. It ends early when the client goes, when its time is over, when its app is destroyed or the server
 * stops: whatever works for it asks {@link #check} often, and where it waits instead it is interrupted.
 */
final class GitJob implements AutoCloseable {
    enum Kind {
        PUSH,
        FETCH
    }

    private final Kind kind;
    private final AppRef app;
    private final GitJobs jobs;

    /** Where it is interrupted; none: not yet, or not any more. */
    private @Nullable Thread worker;

    private boolean detached;
    private volatile boolean stopped;
    private volatile long deadline = Long.MAX_VALUE;
    private volatile String phase = "";
    private volatile Duration timeout = Duration.ZERO;

    GitJob(Kind kind, AppRef app, GitJobs jobs) {
        this.kind = kind;
        this.app = app;
        this.jobs = jobs;
    }

    Kind kind() {
        return kind;
    }

    AppRef app() {
        return app;
    }

    /** From now on this thread works for it. */
    synchronized void begin() {
        worker = Thread.currentThread();
        if (stopped) {
            worker.interrupt();
        }
    }

    /** The next phase, which may last so long. */
    void phase(String what, Duration timeoutOfPhase) {
        phase = what;
        timeout = timeoutOfPhase;
        deadline = System.nanoTime() + timeoutOfPhase.toNanos();
    }

    /** The next phase is bounded by others. */
    void untimed() {
        deadline = Long.MAX_VALUE;
    }

    /**
     * Goes on only if somebody still wants it.
     *
     * @throws CancellationException if it is stopped
     * @throws MayflyException {@code REQUEST_TIMEOUT} if the phase has lasted too long
     */
    void check() {
        if (stopped) {
            throw new CancellationException("cancelled");
        }
        if (deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0) {
            throw new MayflyException(
                    ErrorCode.REQUEST_TIMEOUT, phase + " took more than " + timeout.toSeconds() + " s");
        }
    }

    /** The client's end does not matter any more. */
    synchronized void detach() {
        detached = true;
    }

    synchronized void clientGone() {
        if (!detached) {
            stop();
        }
    }

    synchronized void stop() {
        stopped = true;
        if (worker != null) {
            worker.interrupt();
        }
    }

    /** What follows is not interrupted: it writes down what has happened already. A stop that came before is forgotten. */
    synchronized void shield() {
        worker = null;
        stopped = false;
        detached = true;
        untimed();
        Thread.interrupted();
    }

    /** Hears of each object of a walk and stops the walk by throwing what {@link #check} throws. */
    ProgressMonitor monitor() {
        return new ProgressMonitor() {
            @Override
            public void start(int totalTasks) {
                check();
            }

            @Override
            public void beginTask(String title, int totalWork) {
                check();
            }

            @Override
            public void update(int completed) {
                check();
            }

            @Override
            public void endTask() {
                // Also called while an exception is on its way.
            }

            @Override
            public boolean isCancelled() {
                return stopped;
            }

            @Override
            public void showDuration(boolean enabled) {
                // Nothing is shown.
            }
        };
    }

    @Override
    public void close() {
        synchronized (this) {
            worker = null;
        }
        jobs.ended(this);
    }
}
