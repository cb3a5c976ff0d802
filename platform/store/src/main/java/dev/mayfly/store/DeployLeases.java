package dev.mayfly.store;

import static dev.mayfly.store.Sql.utc;

import dev.mayfly.model.AppRef;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;

/**
 * One deploy of an app at a time, over all servers on one database. A lease ends by itself if its holder dies; its fence
 * (Lamport's fencing token) keeps a holder that comes back late from switching anything.
 */
public final class DeployLeases {
    /** The right to deploy. */
    public record Lease(AppRef app, String holder, long fence) {}

    private final DSLContext sql;
    private final Clock clock;

    DeployLeases(DSLContext sql, Clock clock) {
        this.sql = sql;
        this.clock = clock;
    }

    /** Takes the lease if it is free, has run out or is the holder's own from before; else empty. */
    public Optional<Lease> tryTake(AppRef app, String holder, Duration ttl) {
        Instant now = clock.instant();
        String tenant = app.tenant().value();
        String name = app.app().value();
        return sql.transactionResult(tx -> {
            DSLContext in = tx.dsl();
            if (in.execute(
                            "update deploy_lease set holder = ?, fence = fence + 1, expires_at = ? where tenant = ? and app = ? and expires_at <= ?",
                            holder,
                            utc(now.plus(ttl)),
                            tenant,
                            name,
                            utc(now))
                    == 0) {
                int inserted = in.execute(
                        "insert into deploy_lease (tenant, app, holder, fence, expires_at) select ?, ?, ?, 1, ? where exists (select 1 from app where tenant = ? and name = ?) on conflict do nothing",
                        tenant,
                        name,
                        holder,
                        utc(now.plus(ttl)),
                        tenant,
                        name);
                if (inserted == 0) {
                    return Optional.<Lease>empty();
                }
            }
            Record row = in.fetchSingle("select fence from deploy_lease where tenant = ? and app = ?", tenant, name);
            Long fence = row.get("fence", Long.class);
            return Optional.of(new Lease(app, holder, fence == null ? 0 : fence));
        });
    }

    /** Keeps a lease for another while. Returns false if it was lost. */
    public boolean renew(Lease lease, Duration ttl) {
        return sql.execute(
                        "update deploy_lease set expires_at = ? where tenant = ? and app = ? and holder = ? and fence = ?",
                        utc(clock.instant().plus(ttl)),
                        lease.app().tenant().value(),
                        lease.app().app().value(),
                        lease.holder(),
                        lease.fence())
                == 1;
    }

    /** Gives a lease back; its fence stays, so that the next one is higher. */
    public void release(Lease lease) {
        sql.execute(
                "update deploy_lease set expires_at = ? where tenant = ? and app = ? and holder = ? and fence = ?",
                utc(clock.instant()),
                lease.app().tenant().value(),
                lease.app().app().value(),
                lease.holder(),
                lease.fence());
    }

    /** Frees what a server held when it died, so that its successor need not wait for the end of the lease. */
    public void releaseAllOf(String holder) {
        sql.execute("update deploy_lease set expires_at = ? where holder = ?", utc(clock.instant()), holder);
    }
}
