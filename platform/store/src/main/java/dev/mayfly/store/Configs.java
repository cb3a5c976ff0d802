package dev.mayfly.store;

import static dev.mayfly.store.Sql.utc;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.time.Clock;
import java.util.Map;
import org.jooq.DSLContext;

/** Configuration of apps in immutable versions. Version 0 is empty and always there. Values are sealed at rest. */
public final class Configs {
    /** One version of an app's configuration. */
    public record Config(int version, Map<String, String> values) {
        public Config {
            values = Map.copyOf(values);
        }

        /** Without the values, which may be secrets. */
        @Override
        public String toString() {
            return "Config[" + version + ", " + values.keySet() + "]";
        }
    }

    private final DSLContext sql;
    private final ConfigCipher cipher;
    private final Clock clock;

    Configs(DSLContext sql, ConfigCipher cipher, Clock clock) {
        this.sql = sql;
        this.cipher = cipher;
        this.clock = clock;
    }

    /** The newest version. */
    public Config latest(AppRef app) {
        var row = sql.fetchOne(
                "select last_config from app where tenant = ? and name = ?",
                app.tenant().value(),
                app.app().value());
        return row == null ? new Config(0, Map.of()) : version(app, Sql.integer(row, "last_config"));
    }

    /** @throws MayflyException {@code NOT_FOUND} if there is no such version */
    public Config version(AppRef app, int version) {
        if (version == 0) {
            return new Config(0, Map.of());
        }
        var row = sql.fetchOne(
                "select sealed_values from config_version where tenant = ? and app = ? and version = ?",
                app.tenant().value(),
                app.app().value(),
                version);
        if (row == null) {
            throw new MayflyException(ErrorCode.NOT_FOUND, "configuration version " + version + " of " + app);
        }
        return new Config(
                version, SpecJson.readStrings(cipher.open(Sql.text(row, "sealed_values"), aad(app, version))));
    }

    /**
     * Writes the next version.
     *
     * @param expected the version these values were made from
     * @throws MayflyException {@code PRECONDITION_FAILED} if somebody else wrote one meanwhile
     */
    public Config put(AppRef app, int expected, Map<String, String> values, String by) {
        int next = expected + 1;
        sql.transaction(tx -> {
            int moved = tx.dsl()
                    .execute(
                            "update app set last_config = ? where tenant = ? and name = ? and last_config = ?",
                            next,
                            app.tenant().value(),
                            app.app().value(),
                            expected);
            if (moved != 1) {
                throw new MayflyException(
                        ErrorCode.PRECONDITION_FAILED,
                        "the configuration of " + app + " was changed meanwhile (expected: version " + expected + ")");
            }
            tx.dsl()
                    .execute(
                            "insert into config_version (tenant, app, version, sealed_values, created_by, created_at) values (?, ?, ?, ?, ?, ?)",
                            app.tenant().value(),
                            app.app().value(),
                            next,
                            cipher.seal(SpecJson.writeStrings(values), aad(app, next)),
                            by,
                            utc(clock.instant()));
        });
        return new Config(next, values);
    }

    private static String aad(AppRef app, int version) {
        return app + "#" + version;
    }

    /** Deletes versions that no release names, but so many of each app, the newest. Returns how many. */
    public int deleteBeyond(int kept) {
        return sql.execute(
                "delete from config_version where version <= (select app.last_config - ? from app where app.tenant = config_version.tenant and app.name = config_version.app) and not exists (select 1 from release where release.tenant = config_version.tenant and release.app = config_version.app and release.config_version = config_version.version)",
                kept);
    }
}
