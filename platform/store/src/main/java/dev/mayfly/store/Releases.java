package dev.mayfly.store;

import static dev.mayfly.store.Sql.utc;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.model.TenantName;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;

/** Releases of apps and the routes to them. A release is immutable but for its state. */
public final class Releases {
    /** Where a release is. */
    public enum State {
        PENDING,
        LIVE,
        SUPERSEDED,
        FAILED;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What a new release is made of.
     *
     * @param reason {@code deploy}, {@code config} or {@code rollback}
     * @param description for people, for example {@code Deploy 6a83c41}
     */
    public record NewRelease(
            AppRef app,
            String image,
            int configVersion,
            Map<String, ProcessSpec> processes,
            AppSpec spec,
            String reason,
            String description,
            String by,
            Optional<String> commit,
            Optional<String> buildId) {}

    /** A release in the books. */
    public record Release(int version, State state, NewRelease of, Instant createdAt) {
        public ReleaseRef ref() {
            return new ReleaseRef(of.app(), version);
        }
    }

    /** A host and the release that serves it. */
    public record Route(String host, ReleaseRef release) {}

    private final DSLContext sql;
    private final Clock clock;

    Releases(DSLContext sql, Clock clock) {
        this.sql = sql;
        this.clock = clock;
    }

    /**
     * Writes the next release, pending. Versions have no gaps and no doubles, however many ask at once: the app's row
     * counts them.
     *
     * @throws MayflyException {@code APP_NOT_FOUND} if the app is gone
     */
    public Release create(NewRelease release) {
        Instant now = clock.instant();
        return sql.transactionResult(tx -> {
            DSLContext in = tx.dsl();
            String tenant = release.app().tenant().value();
            String app = release.app().app().value();
            if (in.execute("update app set last_release = last_release + 1 where tenant = ? and name = ?", tenant, app)
                    != 1) {
                throw new MayflyException(ErrorCode.APP_NOT_FOUND, "app '" + app + "' not found");
            }
            Record row = in.fetchSingle("select last_release from app where tenant = ? and name = ?", tenant, app);
            int version = Sql.integer(row, "last_release");
            in.execute(
                    "insert into release (tenant, app, version, state, image, config_version, processes, spec, reason, description, created_by, commit_id, build_id, created_at) values (?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    tenant,
                    app,
                    version,
                    release.image(),
                    release.configVersion(),
                    SpecJson.write(release.processes()),
                    SpecJson.write(release.spec()),
                    release.reason(),
                    release.description(),
                    release.by(),
                    release.commit().orElse(null),
                    release.buildId().orElse(null),
                    utc(now));
            return new Release(version, State.PENDING, release, now);
        });
    }

    /**
     * Makes a pending release live and points the hosts at it, all or nothing.
     *
     * @param lease the lease under which it was deployed
     * @throws MayflyException {@code CONFLICT} if the lease was lost to another deploy or the app is gone
     */
    public void switchTo(ReleaseRef release, List<String> hosts, DeployLeases.Lease lease) {
        sql.transaction(tx -> {
            DSLContext in = tx.dsl();
            String tenant = release.app().tenant().value();
            String app = release.app().app().value();
            // Locks the lease's row until commit: nobody overtakes between the check and the switch.
            if (in.execute(
                            "update deploy_lease set fence = fence where tenant = ? and app = ? and holder = ? and fence = ?",
                            tenant,
                            app,
                            lease.holder(),
                            lease.fence())
                    != 1) {
                throw new MayflyException(ErrorCode.CONFLICT, "another deploy of " + release.app() + " has taken over");
            }
            in.execute(
                    "update release set state = 'superseded' where tenant = ? and app = ? and state = 'live'",
                    tenant,
                    app);
            in.execute(
                    "update release set state = 'live' where tenant = ? and app = ? and version = ?",
                    tenant,
                    app,
                    release.version());
            in.execute("delete from route where tenant = ? and app = ?", tenant, app);
            for (String host : hosts) {
                in.execute(
                        "insert into route (host, tenant, app, version) values (?, ?, ?, ?)",
                        host,
                        tenant,
                        app,
                        release.version());
            }
        });
    }

    /** Marks a pending release as failed. */
    public void fail(ReleaseRef release) {
        sql.execute(
                "update release set state = 'failed' where tenant = ? and app = ? and version = ? and state = 'pending'",
                release.app().tenant().value(),
                release.app().app().value(),
                release.version());
    }

    /** Marks all pending releases of an app as failed: for who has its lease, before writing one. */
    public void failPending(AppRef app) {
        sql.execute(
                "update release set state = 'failed' where tenant = ? and app = ? and state = 'pending'",
                app.tenant().value(),
                app.app().value());
    }

    /** Marks pending releases as failed that nobody deploys any more: no server holds a lease on their app. */
    public void failAbandoned() {
        sql.execute(
                "update release set state = 'failed' where state = 'pending' and not exists (select 1 from deploy_lease where deploy_lease.tenant = release.tenant and deploy_lease.app = release.app and deploy_lease.expires_at > ?)",
                utc(clock.instant()));
    }

    public Optional<Release> find(AppRef app, int version) {
        return Optional.ofNullable(sql.fetchOne(
                        "select * from release where tenant = ? and app = ? and version = ?",
                        app.tenant().value(),
                        app.app().value(),
                        version))
                .map(Releases::release);
    }

    public Optional<Release> live(AppRef app) {
        return Optional.ofNullable(sql.fetchOne(
                        "select * from release where tenant = ? and app = ? and state = 'live'",
                        app.tenant().value(),
                        app.app().value()))
                .map(Releases::release);
    }

    /** Newest first. */
    public List<Release> list(AppRef app, int limit) {
        return sql.fetch(
                        "select * from release where tenant = ? and app = ? order by version desc limit ?",
                        app.tenant().value(),
                        app.app().value(),
                        limit)
                .map(Releases::release);
    }

    /** All routes of all tenants: for the gateway's table. */
    public List<Route> routes() {
        return sql.fetch("select host, tenant, app, version from route")
                .map(row -> new Route(
                        Sql.text(row, "host"),
                        new ReleaseRef(
                                AppRef.of(Sql.text(row, "tenant"), Sql.text(row, "app")),
                                Sql.integer(row, "version"))));
    }

    /**
     * Digests of the images that must not be freed: of what serves, what is about to, and what an app may go back to.
     *
     * @param served so many of the releases of each app that have served, the newest
     */
    public List<String> keptImages(int served) {
        return sql.fetch(
                        "select image from (select image, row_number() over (partition by tenant, app order by version desc) as place from release where state in ('live', 'superseded')) ranked where place <= ? union select image from release where state = 'pending'",
                        served)
                .map(row -> Sql.text(row, "image"));
    }

    /** The same of one tenant. */
    public List<String> keptImages(TenantName tenant, int served) {
        return sql.fetch(
                        "select distinct image from (select image, row_number() over (partition by app order by version desc) as place from release where tenant = ? and state in ('live', 'superseded')) ranked where place <= ?",
                        tenant.value(),
                        served)
                .map(row -> Sql.text(row, "image"));
    }

    /** Versions of the newest releases of an app that have served, newest first. */
    public List<Integer> served(AppRef app, int limit) {
        return sql.fetch(
                        "select version from release where tenant = ? and app = ? and state in ('live', 'superseded') order by version desc limit ?",
                        app.tenant().value(),
                        app.app().value(),
                        limit)
                .map(row -> Sql.integer(row, "version"));
    }

    /** Deletes superseded and failed releases but so many of each app, the newest. Returns how many. */
    public int deleteBeyond(int kept) {
        return sql.execute(
                "delete from release where (tenant, app, version) in (select tenant, app, version from (select tenant, app, version, row_number() over (partition by tenant, app, state order by version desc) as place from release where state in ('superseded', 'failed')) ranked where place > ?)",
                kept);
    }

    private static Release release(Record row) {
        NewRelease of = new NewRelease(
                AppRef.of(Sql.text(row, "tenant"), Sql.text(row, "app")),
                Sql.text(row, "image"),
                Sql.integer(row, "config_version"),
                SpecJson.readProcesses(Sql.text(row, "processes")),
                SpecJson.readSpec(Sql.text(row, "spec")),
                Sql.text(row, "reason"),
                Sql.text(row, "description"),
                Sql.text(row, "created_by"),
                Sql.optionalText(row, "commit_id"),
                Sql.optionalText(row, "build_id"));
        return new Release(
                Sql.integer(row, "version"),
                State.valueOf(Sql.text(row, "state").toUpperCase(Locale.ROOT)),
                of,
                Sql.instant(row, "created_at"));
    }
}
