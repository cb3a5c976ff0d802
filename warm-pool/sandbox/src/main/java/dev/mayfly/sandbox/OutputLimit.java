package dev.mayfly.sandbox;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast one sandbox may print, both streams together: 4 MiB a second, after a pause up to 8 MiB at once, as with class {@code
 * native}. Whoever reads waits here, so the program waits in its own full pipe, and what takes the lines, a log on disk above
 * all, is given no more. Safe from many threads.
 */
public final class OutputLimit {
    static final long BYTES_PER_SECOND = 4L << 20;
    static final long BURST_BYTES = 8L << 20;

    private final LongSupplier nanos;
    /** What may be read at once; below 0 what was read ahead of its time. */
    private double bytes = BURST_BYTES;

    private long seen;

    public OutputLimit() {
        this(System::nanoTime);
    }

    /** @param nanos the time that goes on, in nanoseconds */
    OutputLimit(LongSupplier nanos) {
        this.nanos = nanos;
        this.seen = nanos.getAsLong();
    }

    /** Notes what was read, and blocks until more may be. */
    public void passed(int count) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(take(count));
    }

    /** Notes what was read. @return nanoseconds to wait before more is */
    synchronized long take(int count) {
        long now = nanos.getAsLong();
        double since = (now - seen) / (double) TimeUnit.SECONDS.toNanos(1);
        seen = now;
        bytes = Math.min(BURST_BYTES, bytes + since * BYTES_PER_SECOND) - count;
        return bytes >= 0 ? 0 : (long) (-bytes / BYTES_PER_SECOND * TimeUnit.SECONDS.toNanos(1));
    }
}
