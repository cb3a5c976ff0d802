package dev.mayfly.store;

import static dev.mayfly.store.Sql.utc;

import dev.mayfly.model.AppName;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.TenantName;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.Record;

/** Apps of tenants. */
public final class Apps {
    /** An app as it is in the books; what it serves is in its releases. */
    public record App(AppRef ref, Instant createdAt) {}

    private final DSLContext sql;
    private final Clock clock;

    Apps(DSLContext sql, Clock clock) {
        this.sql = sql;
        this.clock = clock;
    }

    /** Creates the app and its empty configuration, or returns empty if the name is taken. */
    public Optional<App> create(AppRef app) {
        Instant now = clock.instant();
        int created = sql.execute(
                "insert into app (tenant, name, last_release, last_config, created_at) values (?, ?, 0, 0, ?) on conflict do nothing",
                app.tenant().value(),
                app.app().value(),
                utc(now));
        return created == 1 ? Optional.of(new App(app, now)) : Optional.empty();
    }

    public Optional<App> find(TenantName tenant, AppName name) {
        return Optional.ofNullable(sql.fetchOne(
                        "select tenant, name, created_at from app where tenant = ? and name = ?",
                        tenant.value(),
                        name.value()))
                .map(Apps::app);
    }

    public List<App> list(TenantName tenant) {
        return sql.fetch("select tenant, name, created_at from app where tenant = ? order by name", tenant.value())
                .map(Apps::app);
    }

    /** Deletes the app with everything the books hold of it. Returns whether it was there. */
    public boolean delete(AppRef app) {
        return sql.execute(
                        "delete from app where tenant = ? and name = ?",
                        app.tenant().value(),
                        app.app().value())
                == 1;
    }

    private static App app(Record row) {
        return new App(AppRef.of(Sql.text(row, "tenant"), Sql.text(row, "name")), Sql.instant(row, "created_at"));
    }
}
