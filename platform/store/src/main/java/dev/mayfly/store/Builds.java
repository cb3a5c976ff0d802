package dev.mayfly.store;

import static dev.mayfly.store.Sql.utc;

import dev.mayfly.model.AppRef;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;

/** Builds of apps: queued → running → succeeded, failed or cancelled; an ended build never changes. */
public final class Builds {
    /** Where a build is. */
    public enum State {
        QUEUED,
        RUNNING,
        SUCCEEDED,
        FAILED,
        CANCELLED;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        public boolean ended() {
            return compareTo(RUNNING) > 0;
        }
    }

    /** Why a build failed. */
    public record Failure(String code, String phase, String reason) {}

    /**
     * @param server id of the server that runs it
     * @param phases milliseconds by phase, in order
     * @param release the release it made
     */
    public record Build(
            String id,
            AppRef app,
            State state,
            String commit,
            String tree,
            String by,
            String server,
            Instant createdAt,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Map<String, Long> phases,
            Optional<Failure> failure,
            Optional<Integer> release) {}

    private static final int REASON_CHARS_MAX = 4_000;
    private static final int DELETED_AT_ONCE_MAX = 1_000;

    private static final Field<String> ID = DSL.field("id", String.class);

    private final DSLContext sql;

    Builds(DSLContext sql) {
        this.sql = sql;
    }

    /** Records a queued build. */
    public Build create(String id, AppRef app, String commit, String tree, String by, String server, Instant now) {
        sql.execute(
                "insert into build (tenant, app, id, state, commit_id, tree_id, created_by, server, created_at, phases) values (?, ?, ?, 'queued', ?, ?, ?, ?, ?, '{}')",
                app.tenant().value(),
                app.app().value(),
                id,
                commit,
                tree,
                by,
                server,
                utc(now));
        return find(app, id).orElseThrow();
    }

    /** From queued to running. Returns false if it is no longer queued. */
    public boolean start(AppRef app, String id, Instant now) {
        return sql.execute(
                        "update build set state = 'running', started_at = ? where tenant = ? and app = ? and id = ? and state = 'queued'",
                        utc(now),
                        app.tenant().value(),
                        app.app().value(),
                        id)
                == 1;
    }

    /** Ends a build. Returns false if it had ended before: the first end counts. */
    public boolean end(
            AppRef app,
            String id,
            State state,
            Map<String, Long> phases,
            Optional<Failure> failure,
            Optional<Integer> release,
            Instant now) {
        if (!state.ended()) {
            throw new IllegalArgumentException("state: " + state + " (expected: an end)");
        }
        return sql.execute(
                        "update build set state = ?, ended_at = ?, phases = ?, error_code = ?, error_phase = ?, error_reason = ?, release_version = ? where tenant = ? and app = ? and id = ? and state in ('queued', 'running')",
                        state.wireName(),
                        utc(now),
                        SpecJson.writeLongs(phases),
                        failure.map(Failure::code).orElse(null),
                        failure.map(Failure::phase).orElse(null),
                        failure.map(Failure::reason)
                                .map(text ->
                                        text.length() > REASON_CHARS_MAX ? text.substring(0, REASON_CHARS_MAX) : text)
                                .orElse(null),
                        release.orElse(null),
                        app.tenant().value(),
                        app.app().value(),
                        id)
                == 1;
    }

    public Optional<Build> find(AppRef app, String id) {
        return Optional.ofNullable(sql.fetchOne(
                        "select * from build where tenant = ? and app = ? and id = ?",
                        app.tenant().value(),
                        app.app().value(),
                        id))
                .map(Builds::build);
    }

    /** Newest first. */
    public List<Build> list(AppRef app, int limit) {
        return sql.fetch(
                        "select * from build where tenant = ? and app = ? order by created_at desc, id desc limit ?",
                        app.tenant().value(),
                        app.app().value(),
                        limit)
                .map(Builds::build);
    }

    /** Builds that a server had under way: after its death nobody carries them on. */
    public List<Build> unfinishedOf(String server) {
        return sql.fetch("select * from build where server = ? and state in ('queued', 'running')", server)
                .map(Builds::build);
    }

    /** Deletes ended builds but so many of each app, the newest; a thousand at once. Returns how many. */
    public int deleteBeyond(int kept) {
        return sql.execute(
                "delete from build where (tenant, app, id) in (select tenant, app, id from (select tenant, app, id, row_number() over (partition by tenant, app order by created_at desc, id desc) as place from build where state not in ('queued', 'running')) ranked where place > ? limit ?)",
                kept,
                DELETED_AT_ONCE_MAX);
    }

    /** Those of the ids that are in the books. */
    public Set<String> existing(Collection<String> ids) {
        return ids.isEmpty()
                ? Set.of()
                : sql.select(ID).from("build").where(ID.in(ids)).fetchSet(ID);
    }

    private static Build build(Record row) {
        return new Build(
                Sql.text(row, "id"),
                AppRef.of(Sql.text(row, "tenant"), Sql.text(row, "app")),
                State.valueOf(Sql.text(row, "state").toUpperCase(Locale.ROOT)),
                Sql.text(row, "commit_id"),
                Sql.text(row, "tree_id"),
                Sql.text(row, "created_by"),
                Sql.text(row, "server"),
                Sql.instant(row, "created_at"),
                Sql.optionalInstant(row, "started_at"),
                Sql.optionalInstant(row, "ended_at"),
                SpecJson.readLongs(Sql.text(row, "phases")),
                Sql.optionalText(row, "error_code")
                        .map(code -> new Failure(code, Sql.text(row, "error_phase"), Sql.text(row, "error_reason"))),
                Sql.optionalInteger(row, "release_version"));
    }
}
