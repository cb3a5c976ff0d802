package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.DeployLeases;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One deploy at a time for each app. Those of this server wait in the order in which they came; servers take turns by a lease
 * in the database, which is kept alive while a deploy goes on.
 */
final class AppQueue {
    private static final Logger log = LoggerFactory.getLogger(AppQueue.class);
    private static final int WAITING_MAX = 20;
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private static final class Line {
        final Semaphore turn = new Semaphore(1, true);
        int users;
    }

    /** The right to deploy; ends by closing. */
    final class Turn implements AutoCloseable {
        private final AppRef app;
        private final Line line;
        private final DeployLeases.Lease lease;
        private final Thread keeper;
        private volatile boolean over;

        private Turn(AppRef app, Line line, DeployLeases.Lease lease) {
            this.app = app;
            this.line = line;
            this.lease = lease;
            this.keeper = Thread.ofVirtual().name("deploy-lease").start(this::keep);
        }

        DeployLeases.Lease lease() {
            return lease;
        }

        /** Not ended by an interrupt, which could meet it while it talks to the database. */
        private void keep() {
            long renewed = System.nanoTime();
            while (!over) {
                LockSupport.parkNanos(RETRY.toNanos());
                if (!over && System.nanoTime() - renewed > TTL.dividedBy(4).toNanos()) {
                    try {
                        if (!leases.renew(lease, TTL)) {
                            return; // Lost: the fence keeps this deploy from switching anything.
                        }
                        renewed = System.nanoTime();
                    } catch (RuntimeException | Error e) {
                        log.atWarn()
                                .addKeyValue("app", app)
                                .setCause(e)
                                .log("Lease could not be renewed; trying again");
                    }
                }
            }
        }

        @Override
        public void close() {
            over = true;
            LockSupport.unpark(keeper);
            try {
                leases.release(lease); // If this fails the lease runs out; those who wait here must go on anyhow.
            } finally {
                line.turn.release();
                leave(app, line);
            }
        }
    }

    private final DeployLeases leases;
    private final String server;
    private final Map<AppRef, Line> lines = new HashMap<>();

    AppQueue(DeployLeases leases, String server) {
        this.leases = leases;
        this.server = server;
    }

    /** @throws MayflyException {@code QUOTA_EXCEEDED} if too many wait already */
    Turn take(AppRef app, BuildOutput output, Cancellation cancellation) throws InterruptedException {
        Line line = enter(app);
        boolean turn = false;
        try {
            if (!line.turn.tryAcquire()) {
                output.step("Waiting for " + (line.turn.getQueueLength() + 1) + " earlier deploy(s) of this app");
                cancellation.during(() -> {
                    line.turn.acquire();
                    return line;
                });
            }
            turn = true;
            boolean told = false;
            while (true) {
                var lease = leases.tryTake(app, server, TTL);
                if (lease.isPresent()) {
                    return new Turn(app, line, lease.get());
                }
                if (!told) {
                    output.step("Waiting for a deploy of this app on another server");
                    told = true;
                }
                cancellation.during(() -> {
                    Thread.sleep(RETRY);
                    return line;
                });
            }
        } catch (InterruptedException | RuntimeException | Error e) {
            if (turn) {
                line.turn.release();
            }
            leave(app, line);
            throw e;
        }
    }

    private synchronized Line enter(AppRef app) {
        Line line = lines.computeIfAbsent(app, _ -> new Line());
        if (line.users > WAITING_MAX) {
            throw new MayflyException(
                    ErrorCode.QUOTA_EXCEEDED, "deploys waiting for this app: " + WAITING_MAX + " (expected: fewer)");
        }
        line.users++;
        return line;
    }

    private synchronized void leave(AppRef app, Line line) {
        if (--line.users == 0) {
            lines.remove(app);
        }
    }
}
