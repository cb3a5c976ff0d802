package dev.mayfly.control.api;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TenantName;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How many answers of some MiB may be made, or wait to be read by who asked, at the same time: each takes heap until then. Whoever
 * does not read in time loses the connection.
 */
final class LargeAnswers {
    private final Semaphore all;
    private final int tenantMax;
    private final Duration waitMax;
    private final Duration readingMax;
    private final Map<TenantName, Semaphore> ofTenants = new ConcurrentHashMap<>();

    /** Twelve, four of them of one tenant; five seconds for a place, thirty to read. */
    LargeAnswers() {
        this(12, 4, Duration.ofSeconds(5), Duration.ofSeconds(30));
    }

    LargeAnswers(int max, int tenantMax, Duration waitMax, Duration readingMax) {
        this.all = new Semaphore(max, true);
        this.tenantMax = tenantMax;
        this.waitMax = waitMax;
        this.readingMax = readingMax;
    }

    /**
     * Waits for a place. It is left by running what is returned, once the answer is read; at the latest when the time to read is
     * over.
     *
     * @throws MayflyException {@code CAPACITY_EXHAUSTED} if there is none in time
     */
    Runnable enter(TenantName tenant, RoutingContext context) throws InterruptedException {
        Semaphore ofTenant = ofTenants.computeIfAbsent(tenant, _ -> new Semaphore(tenantMax, true));
        long deadline = System.nanoTime() + waitMax.toNanos();
        take(ofTenant, deadline);
        try {
            take(all, deadline);
        } catch (InterruptedException | RuntimeException e) {
            ofTenant.release();
            throw e;
        }
        AtomicBoolean left = new AtomicBoolean();
        Runnable leave = () -> {
            if (left.compareAndSet(false, true)) {
                all.release();
                ofTenant.release();
            }
        };
        long late = context.vertx().setTimer(readingMax.toMillis(), _ -> {
            context.request().connection().close();
            leave.run();
        });
        return () -> {
            context.vertx().cancelTimer(late);
            leave.run();
        };
    }

    private static void take(Semaphore places, long deadline) throws InterruptedException {
        if (!places.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            throw new MayflyException(
                    ErrorCode.CAPACITY_EXHAUSTED, "too many read long answers already; try again in a moment");
        }
    }
}
