package dev.mayfly.bench.load;

import dev.mayfly.bench.report.Samples;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Does one thing again and again and takes the time of each. */
public final class Load {
    private static final int OPEN_AT_ONCE_MAX = 64;

    /** One measured thing. */
    public interface Step {
        void run() throws IOException, InterruptedException;
    }

    /** @param each milliseconds of each time */
    public record Result(double perSecond, Samples each) {}

    private Load() {}

    /** Closed loop: every worker begins the next when the last one ended, at least once, until the time is over. */
    public static Result closed(int workers, Duration time, Step step) throws IOException, InterruptedException {
        Samples each = new Samples();
        long begin = System.nanoTime();
        onThreads(workers, () -> {
            do {
                long one = System.nanoTime();
                step.run();
                each.add(System.nanoTime() - one);
            } while (System.nanoTime() - begin < time.toNanos());
            return true;
        });
        return new Result(each.size() / ((System.nanoTime() - begin) / 1e9), each);
    }

    /** One at a time, with a pause after each: everything has cooled down when the next one comes. */
    public static Result paused(int count, Duration pause, Step step) throws IOException, InterruptedException {
        Samples each = new Samples();
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long one = System.nanoTime();
            step.run();
            each.add(System.nanoTime() - one);
            Thread.sleep(pause);
        }
        return new Result(count / ((System.nanoTime() - begin) / 1e9), each);
    }

    /** What happens at one arrival; it gets the time at which it was due. */
    public interface Arrival {
        void run(long dueNanos) throws IOException, InterruptedException;
    }

    /** Open loop: arrivals are due at a fixed rate whether or not those before them were served. */
    public static void open(double perSecond, Duration time, Arrival arrival) throws IOException, InterruptedException {
        long gap = Math.round(1e9 / perSecond);
        List<Due> all = new ArrayList<>();
        for (long i = 0; i < Math.max(1, time.toNanos() / gap); i++) {
            all.add(new Due(i * gap, arrival));
        }
        open(all);
    }

    /** @param nanos when it is due, from the beginning */
    public record Due(long nanos, Arrival arrival) {}

    /** The same for arrivals at any times. */
    public static void open(List<Due> arrivals) throws IOException, InterruptedException {
        Semaphore places = new Semaphore(OPEN_AT_ONCE_MAX);
        List<Future<Boolean>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            long begin = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(20);
            for (Due each : arrivals.stream()
                    .sorted(Comparator.comparingLong(Due::nanos))
                    .toList()) {
                long due = begin + each.nanos();
                for (long wait; (wait = due - System.nanoTime()) > 0; ) {
                    LockSupport.parkNanos(wait);
                }
                places.acquire(); // Beyond this the generator is late, and that counts as the served side's time.
                all.add(threads.submit(() -> {
                    try {
                        each.arrival().run(due);
                        return true;
                    } finally {
                        places.release();
                    }
                }));
            }
            results(all, threads);
        }
    }

    /** The same on some threads at once. */
    public static void workers(int count, Step step) throws IOException, InterruptedException {
        onThreads(count, () -> {
            step.run();
            return true;
        });
    }

    private static void onThreads(int workers, Callable<Boolean> work) throws IOException, InterruptedException {
        List<Future<Boolean>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(workers)) {
            for (int i = 0; i < workers; i++) {
                all.add(threads.submit(work));
            }
            results(all, threads);
        }
    }

    /** Of all; whoever is interrupted meanwhile interrupts them, too. */
    private static void results(List<Future<Boolean>> all, ExecutorService threads)
            throws IOException, InterruptedException {
        try {
            for (Future<Boolean> each : all) {
                result(each);
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            throw e;
        }
    }

    private static void result(Future<Boolean> future) throws IOException, InterruptedException {
        try {
            future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IOException(e.getCause());
            }
        }
    }
}
