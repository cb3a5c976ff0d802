package dev.mayfly.control.git;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TenantName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Who may use processor and heap for the check of a push, or the packing for a fetch, at the same time: so many in all, half of them of one tenant, and
 * together no more than a part of the heap (one alone always may). Others wait in the order in which they came; whoever is
 * kept back by its own tenant lets others pass.
 */
final class Places {
    private static final Duration WAIT_MAX = Duration.ofMinutes(5);

    private final class Waiting implements Place {
        private final TenantName tenant;
        private final long heap;

        private Waiting(TenantName tenant, long heap) {
            this.tenant = tenant;
            this.heap = heap;
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /** The right to work; ends by closing. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    private final int max;
    private final long heapMax;
    private final String busy;
    private final List<Waiting> line = new ArrayList<>();
    private final List<Waiting> inside = new ArrayList<>();

    /** @param busy what is said to who waited in vain */
    Places(int max, long heapMax, String busy) {
        this.max = max;
        this.heapMax = heapMax;
        this.busy = busy;
    }

    /** As many as there are processors, with a quarter of the heap. */
    static Places ofMachine(String busy) {
        Runtime machine = Runtime.getRuntime();
        return new Places(Math.max(2, machine.availableProcessors()), machine.maxMemory() / 4, busy);
    }

    /**
     * Waits for a place.
     *
     * @param heap bytes that are needed at most
     * @param whenWaiting called once if there is none at once
     * @throws MayflyException {@code CAPACITY_EXHAUSTED} after five minutes
     * @throws java.util.concurrent.CancellationException if the job is stopped
     */
    Place take(long heap, GitJob job, Runnable whenWaiting) throws InterruptedException {
        Waiting me = new Waiting(job.app().tenant(), heap);
        if (!enterAtOnce(me)) {
            try {
                whenWaiting.run();
                waitFor(me, job);
            } finally {
                leaveLine(me);
            }
        }
        return me;
    }

    private synchronized boolean enterAtOnce(Waiting me) {
        line.add(me);
        return entered(me);
    }

    private synchronized void waitFor(Waiting me, GitJob job) throws InterruptedException {
        long deadline = System.nanoTime() + WAIT_MAX.toNanos();
        while (!entered(me)) {
            job.check();
            if (System.nanoTime() - deadline > 0) {
                throw new MayflyException(ErrorCode.CAPACITY_EXHAUSTED, busy);
            }
            wait(1_000);
        }
    }

    private boolean entered(Waiting me) {
        if (!mayEnter(me)) {
            return false;
        }
        line.remove(me);
        inside.add(me);
        return true;
    }

    private synchronized void leaveLine(Waiting me) {
        line.remove(me);
        notifyAll();
    }

    /** Whether it is the first in line that has room. */
    private boolean mayEnter(Waiting me) {
        for (Waiting each : line) {
            boolean tenantHasRoom = inside.stream()
                            .filter(other -> other.tenant.equals(each.tenant))
                            .count()
                    < Math.max(1, max / 2);
            if (tenantHasRoom) {
                long used = inside.stream().mapToLong(other -> other.heap).sum();
                boolean room = inside.isEmpty() || (inside.size() < max && used + each.heap <= heapMax);
                return room && each == me;
            }
        }
        return false;
    }

    private synchronized void leave(Waiting one) {
        inside.remove(one);
        notifyAll();
    }
}
