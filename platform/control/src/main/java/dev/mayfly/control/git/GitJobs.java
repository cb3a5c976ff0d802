package dev.mayfly.control.git;

import dev.mayfly.model.AppRef;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pushes and fetches under way: so many in all, half of them of one tenant, and none once the server stops. */
final class GitJobs implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(GitJobs.class);
    private static final Duration STOP_MAX = Duration.ofSeconds(20);

    private final int pushesMax;
    private final int fetchesMax;
    private final Set<GitJob> running = new LinkedHashSet<>();
    private boolean closed;

    GitJobs(int pushesMax, int fetchesMax) {
        this.pushesMax = pushesMax;
        this.fetchesMax = fetchesMax;
    }

    /** Empty if there are too many already. The caller closes it. */
    synchronized Optional<GitJob> admit(GitJob.Kind kind, AppRef app) {
        if (!hasRoom(kind, app)) {
            return Optional.empty();
        }
        GitJob job = new GitJob(kind, app, this);
        running.add(job);
        return Optional.of(job);
    }

    /** Whether one more could be admitted at the moment. */
    synchronized boolean hasRoom(GitJob.Kind kind, AppRef app) {
        int max = kind == GitJob.Kind.PUSH ? pushesMax : fetchesMax;
        long all = running.stream().filter(each -> each.kind() == kind).count();
        long own = running.stream()
                .filter(each -> each.kind() == kind)
                .filter(each -> each.app().tenant().equals(app.tenant()))
                .count();
        return !closed && all < max && own < Math.max(1, max / 2);
    }

    /** How many are under way. */
    synchronized int running() {
        return running.size();
    }

    synchronized void ended(GitJob job) {
        running.remove(job);
        notifyAll();
    }

    /** Stops all of the app and waits for their end. */
    void stop(AppRef app) throws InterruptedException {
        stop(job -> job.app().equals(app));
    }

    private synchronized void stop(Predicate<GitJob> which) throws InterruptedException {
        Collection<GitJob> stopping =
                List.copyOf(running).stream().filter(which).toList();
        stopping.forEach(GitJob::stop);
        long deadline = System.nanoTime() + STOP_MAX.toNanos();
        while (stopping.stream().anyMatch(running::contains)) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                log.atWarn().log("Pushes or fetches do not end");
                return;
            }
            wait(left);
        }
    }

    /** Lets nothing begin any more and stops what goes on. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        try {
            stop(_ -> true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
